--- A replacement table whose __index loops.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    return ("x"):gsub("x", setmetatable({}, { __index = function() while true do end end }))
end

return M
