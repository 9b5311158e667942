--- Long numbers, read by arithmetic.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local s = ("9"):rep(50000)
    while true do
        local _ = s + 1
    end
end

return M
