--- A pattern that would take years.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    return ("a"):rep(30000):find(".-.-.-b")
end

return M
