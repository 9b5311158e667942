--- Puts metatables on what it got of the victim, and on its functions' environments.
--- needs: victim
--- at: call
--- expect: contained
return {
    exports = {
        f = function()
            local victim = require("victim")
            local trap = { __index = function() error("trap") end, __call = function() return "trapped" end }
            pcall(setmetatable, victim, trap)
            pcall(setmetatable, victim.ping, trap)
            pcall(setfenv, victim.ping, { tostring = function() return "trapped" end })
            assert(getfenv(victim.ping) == getfenv())
            assert(not pcall(debug.traceback and string.dump or error, victim.ping))
            assert(require("victim").ping() == "pong")
            return "contained"
        end,
    },
}
