--- Functions without end.
--- at: call
--- limits: call = "5 s"
--- within: 2.0
--- expect: MemoryExceeded
--- says: over its memory of 8 MiB

local M = { exports = {} }

function M.exports.f()
    local f = print
    while true do
        local before = f
        f = function() return before end
    end
end

return M
