--- Another, with what was captured.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    return ("a"):rep(20000):find("(a*)(a*)%1%2b")
end

return M
