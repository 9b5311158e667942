--- Memory without end, caught again and again.
--- at: call
--- limits: call = "5 s"
--- within: 2.0
--- expect: MemoryExceeded
--- says: over its memory of 8 MiB

local M = { exports = {} }

function M.exports.f()
    while true do
        pcall(function()
            local t = {}
            for i = 1, 1e9 do
                t[i] = { i }
            end
        end)
    end
end

return M
