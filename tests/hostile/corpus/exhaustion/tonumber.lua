--- Long numbers, read without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local s = ("9"):rep(1000000)
    while true do
        tonumber(s)
    end
end

return M
