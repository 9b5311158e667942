--- Thousands of results.
--- at: call
--- expect: quiet
--- alone: ProcessEnded

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 7000 do
        t[i] = i
    end
    return unpack(t)
end

return M
