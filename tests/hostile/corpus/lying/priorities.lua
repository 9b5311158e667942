--- Priorities that are none.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for i, priority in ipairs({ 0 / 0, 1 / 0, -1 / 0, 1e300 }) do
        M:registerHook("heard", function() end, { priority = priority })
    end
    assert(not pcall(M.registerHook, M, "x", print, { priority = "high" }))
    assert(not pcall(M.registerHook, M, "x", print, 5))
    assert(not pcall(M.registerHook, M, "x"))
    assert(not pcall(M.registerHook))
    return "contained"
end

return M
