--- Thousands of results.
--- at: call
--- expect: SizeExceeded
--- says: 7000 values at once, and at most 250 cross

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 7000 do
        t[i] = i
    end
    return unpack(t)
end

return M
