--- A metamethod __eq that loops.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local meta = { __eq = function() while true do end end }
    local t, t2 = setmetatable({}, meta), setmetatable({}, meta)
    return t == t2, t2
end

return M
