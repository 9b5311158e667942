--- A loop that catches what ends it, by a call of a call.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        pcall(pcall, pcall, function() while true do end end)
    end
end

return M
