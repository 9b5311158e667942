--- A metamethod __sub that loops.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local meta = { __sub = function() while true do end end }
    local t, t2 = setmetatable({}, meta), setmetatable({}, meta)
    return t - 1, t2
end

return M
