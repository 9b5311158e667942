--- Tables spread without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 7000 do
        t[i] = i
    end
    while true do
        select("#", unpack(t))
    end
end

return M
