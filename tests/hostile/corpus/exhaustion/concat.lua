--- Tables joined without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 30000 do
        t[i] = "x"
    end
    while true do
        table.concat(t)
    end
end

return M
