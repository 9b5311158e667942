--- Handles of timers that are none.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    removeEvent(nil)
    pcall(removeEvent, {})
    pcall(removeEvent, { cancel = error })
    local timer = host.after(60000, print)
    timer:cancel()
    timer:cancel()
    timer.cancel()
    pcall(removeEvent, timer)
    return "contained"
end

return M
