--- Lets the host have an object whose rendering waits.
--- at: call
--- expect: ModuleFault
--- says: error value
return {
    exports = {
        f = function()
            error(setmetatable({}, { __tostring = function() return coroutine.yield("x") end }))
        end,
    },
}
