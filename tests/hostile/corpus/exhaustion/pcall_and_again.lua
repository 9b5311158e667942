--- One that catches what ends it, and goes on.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    pcall(function()
        pcall(function() while true do end end)
        while true do end
    end)
    while true do end
end

return M
