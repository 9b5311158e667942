--- An iterator that loops in one step.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    for _ in function() while true do end end do end
end

return M
