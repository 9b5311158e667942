--- A reader that loops.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    return load(function() while true do end end)
end

return M
