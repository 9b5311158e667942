--- An iterator that never ends.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    for _ in function() return 1 end do end
end

return M
