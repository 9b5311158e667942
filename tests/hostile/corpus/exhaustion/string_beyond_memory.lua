--- A string larger than all memory.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local ok, why = pcall(string.rep, "x", 1e9)
    assert(not ok and why:find("too large", 1, true))
    return "contained"
end

return M
