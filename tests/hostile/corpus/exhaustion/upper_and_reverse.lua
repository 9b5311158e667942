--- Long strings, changed without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local s = ("x"):rep(1000000)
    while true do
        s:upper():reverse():lower()
    end
end

return M
