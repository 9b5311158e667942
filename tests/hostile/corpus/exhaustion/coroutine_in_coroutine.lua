--- A coroutine inside a coroutine, both swallowing.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local function inner()
        coroutine.resume(coroutine.create(function() while true do end end))
        while true do end
    end
    while true do
        coroutine.resume(coroutine.create(inner))
    end
end

return M
