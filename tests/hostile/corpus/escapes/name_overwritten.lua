--- A module that says it is another.
--- at: call
--- expect: contained

local M = { name = "victim", version = "99.0" }
M.exports = { f = function() return M.name ~= "victim" and "contained" or "escaped" end }
return M
