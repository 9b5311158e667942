--- Long strings, again and again.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        ("x"):rep(1000000)
    end
end

return M
