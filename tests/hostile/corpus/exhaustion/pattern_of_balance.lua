--- Another, of parentheses that never close.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local s = ("("):rep(200000)
    while true do
        s:find("%b()")
    end
end

return M
