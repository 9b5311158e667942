--- A metamethod __newindex that loops.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    setmetatable({}, { __newindex = function() while true do end end }).x = 1
end

return M
