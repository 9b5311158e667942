--- A message handler that loops, where hooks are off.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        xpcall(error, function() while true do end end)
    end
end

return M
