--- A metamethod __add that loops.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local meta = { __add = function() while true do end end }
    local t, t2 = setmetatable({}, meta), setmetatable({}, meta)
    return 1 + t, t2
end

return M
