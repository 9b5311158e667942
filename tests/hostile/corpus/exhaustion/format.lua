--- Long formats without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local s = ("x"):rep(100000)
    while true do
        ("%s %q"):format(s, s)
    end
end

return M
