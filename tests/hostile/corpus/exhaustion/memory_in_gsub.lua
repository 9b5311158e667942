--- Memory without end, in replacements.
--- at: call
--- limits: call = "5 s"
--- within: 2.0
--- expect: MemoryExceeded
--- says: over its memory of 8 MiB

local M = { exports = {} }

function M.exports.f()
    local t = {}
    return ("x"):rep(1000000):gsub("x", function()
        t[#t + 1] = { {}, {} }
    end)
end

return M
