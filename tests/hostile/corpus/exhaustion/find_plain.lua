--- A needle that nearly fits everywhere.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local s, n = ("a"):rep(1000000), ("a"):rep(1000) .. "b"
    while true do
        s:find(n, 1, true)
    end
end

return M
