--- A subject that is gone through without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local s = ("a"):rep(3000)
    while true do
        for _ in s:gmatch("a-") do end
    end
end

return M
