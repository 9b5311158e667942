--- A chain of __index tables that is a ring.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local a, b = {}, {}
    setmetatable(a, { __index = b })
    setmetatable(b, { __index = a })
    while true do
        pcall(function() return a.x end)
    end
end

return M
