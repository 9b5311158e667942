--- A message handler that swallows what ends it.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        xpcall(function() while true do end end, function() return 1 end)
    end
end

return M
