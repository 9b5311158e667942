--- A traceback of another thread, at any level.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local thread = coroutine.create(function() coroutine.yield() end)
    coroutine.resume(thread)
    local text = debug.traceback(thread, "here", -100) or ""
    return (not text:find("host ", 1, true)) and "contained" or "escaped"
end

return M
