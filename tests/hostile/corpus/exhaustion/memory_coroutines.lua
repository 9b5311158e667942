--- Coroutines that are kept, without end.
--- at: call
--- limits: call = "5 s"
--- within: 2.0
--- expect: MemoryExceeded
--- says: over its memory of 8 MiB

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 1e9 do
        t[i] = coroutine.create(print)
    end
end

return M
