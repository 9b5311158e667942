--- A hook that is registered twice, and taken back twice.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local f = function() end
    assert(M:registerHook("x", f))
    local again, why = M:registerHook("x", f)
    assert(again == nil and why:find("already", 1, true))
    assert(M:unregisterHook("x", f))
    local gone, reason = M:unregisterHook("x", f)
    assert(gone == nil and reason:find("not registered", 1, true))
    return "contained"
end

return M
