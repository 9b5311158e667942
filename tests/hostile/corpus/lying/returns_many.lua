--- An entry file that returns more than a table.
--- at: call
--- expect: contained

return { exports = { f = function() return "contained" end } }, error, nil, 7
