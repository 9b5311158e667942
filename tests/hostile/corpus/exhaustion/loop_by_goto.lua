--- A loop without end, by goto.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    ::again::
    goto again
end

return M
