--- debug.traceback as a handler that swallows.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        xpcall(function() while true do end end, debug.traceback)
    end
end

return M
