--- Globals whose metatable raises: lupa looks there at each call.
--- at: call
--- expect: contained

setmetatable(_G, {
    __index = function(_, name)
        error("trap " .. tostring(name))
    end,
    __newindex = function()
        error("trap")
    end,
})
return { exports = { f = function() return "contained" end } }
