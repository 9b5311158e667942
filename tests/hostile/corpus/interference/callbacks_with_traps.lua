--- Hands the victim functions that give traps, junk and themselves.
--- needs: victim
--- at: call
--- expect: quiet
--- blames: victim
local function raise() error("read") end

return {
    exports = {
        f = function()
            local victim = require("victim")
            local trap = setmetatable({}, { __index = raise, __len = raise, __tostring = raise })
            local function itself(f) return f end
            for _, give in ipairs({ trap, itself, coroutine.create(raise), 0 / 0, ("x"):rep(1e6) }) do
                for _, export in pairs({ "ping", "intact" }) do
                    pcall(victim[export], give, itself, trap)
                end
            end
            return "contained"
        end,
    },
}
