--- Memory without end, in message handlers.
--- at: call
--- limits: call = "5 s"
--- within: 2.0
--- expect: MemoryExceeded
--- says: over its memory of 8 MiB

local M = { exports = {} }

function M.exports.f()
    while true do
        xpcall(function()
            local t = {}
            for i = 1, 1e9 do
                t[i] = { i }
            end
        end, function(e) return { e } end)
    end
end

return M
