--- The host writes into a module's table without its metatable.
--- at: call
--- expect: contained

return setmetatable({ exports = { f = function() return "contained" end } }, {
    __newindex = function()
        while true do end
    end,
})
