--- A coroutine that dies of what ends it, again and again.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        coroutine.resume(coroutine.create(function() while true do end end))
    end
end

return M
