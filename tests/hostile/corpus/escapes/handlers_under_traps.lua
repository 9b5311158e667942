--- The host reads a module's table as it is, whatever its metatable says.
--- at: load
--- expect: LoadFailed
--- says: trap

return setmetatable({}, {
    __index = function()
        error("trap")
    end,
})
