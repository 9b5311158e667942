--- A table that holds itself so often that its copy has no end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms
--- alone: MemoryExceeded

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for _ = 1, 60 do
        t = { t, t, print }
    end
    host.emit([[heard]], t)
end

return M
