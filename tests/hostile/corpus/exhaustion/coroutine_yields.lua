--- A coroutine that yields without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local f = coroutine.wrap(function()
        while true do
            coroutine.yield()
        end
    end)
    while true do
        f()
    end
end

return M
