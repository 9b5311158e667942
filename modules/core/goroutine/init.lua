--- Runs functions beside the module; the face gives what others get, where they run in the engine's process.

local NAMES = {
    "async", "atomic_int", "await", "await_all", "channel", "cond", "context", "fan_in", "fan_out", "mutex", "once",
    "pipeline", "pool_close", "pool_create", "pool_result", "pool_stats", "pool_submit", "pool_wait", "rwmutex",
    "select", "select_timeout", "semaphore", "sleep", "spawn", "spawn_many", "timeout", "wait_group",
}
local ELSEWHERE = "goroutine.%s is not there for a module in a process of its own: "
    .. "its compiled functions would run in the engine's"

local M = { exports = {} }

for _, name in ipairs(NAMES) do
    M.exports[name] = function()
        error(ELSEWHERE:format(name), 0)
    end
end

return M
