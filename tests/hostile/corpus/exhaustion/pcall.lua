--- A loop that catches what ends it.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        pcall(function() while true do end end)
    end
end

return M
