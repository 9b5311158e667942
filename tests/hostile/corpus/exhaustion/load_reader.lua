--- A reader that never ends.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms
--- alone: MemoryExceeded

local M = { exports = {} }

function M.exports.f()
    return load(function() return " " end)
end

return M
