--- Replacing without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local s = ("a"):rep(3000)
    while true do
        s:gsub("a", "%0%0")
    end
end

return M
