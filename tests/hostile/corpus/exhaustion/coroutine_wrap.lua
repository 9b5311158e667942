--- The same, by wrap.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        pcall(coroutine.wrap(function() while true do end end))
    end
end

return M
