--- A string that doubles.
--- at: call
--- limits: call = "5 s"
--- within: 2.0
--- expect: MemoryExceeded
--- says: over its memory of 8 MiB

local M = { exports = {} }

function M.exports.f()
    local s = "x"
    while true do
        s = s .. s
    end
end

return M
