--- A metamethod __mod that loops.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local meta = { __mod = function() while true do end end }
    local t, t2 = setmetatable({}, meta), setmetatable({}, meta)
    return t % 2, t2
end

return M
