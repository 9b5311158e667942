--- Elements moved without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 30000 do
        t[i] = i
    end
    while true do
        table.insert(t, 1, 1)
        table.remove(t, 1)
    end
end

return M
