--- Memory without end, in a comparator.
--- at: call
--- limits: call = "5 s"
--- within: 2.0
--- expect: MemoryExceeded
--- says: over its memory of 8 MiB

local M = { exports = {} }

function M.exports.f()
    local t, s = {}, {}
    for i = 1, 30000 do
        s[i] = i
    end
    while true do
        table.sort(s, function(a, b)
            t[#t + 1] = { a, b }
            return a < b
        end)
    end
end

return M
