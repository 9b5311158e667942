--- Raises an object whose rendering waits, in a coroutine and outside of one.
--- at: call
--- expect: contained
local waiting = setmetatable({}, { __tostring = function() host.sleep(1000) return coroutine.yield("x") end })

return {
    exports = {
        f = function()
            local thread = coroutine.create(function() error(waiting) end)
            local ok, value = coroutine.resume(thread)
            assert(ok == false and rawequal(value, waiting))
            pcall(print, waiting)
            pcall(host.log.warn, waiting)
            return "contained"
        end,
    },
}
