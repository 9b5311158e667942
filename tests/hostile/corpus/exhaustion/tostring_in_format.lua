--- A __tostring that loops, called by format.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    return ("%s"):format(setmetatable({}, { __tostring = function() while true do end end }))
end

return M
