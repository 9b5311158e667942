--- A loop without end, by tail calls.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local function f()
        return f()
    end
    return f()
end

return M
