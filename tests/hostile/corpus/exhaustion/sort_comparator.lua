--- A comparator that loops.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    table.sort({ 3, 2, 1 }, function() while true do end end)
end

return M
