--- Calls of another module with whatever there is.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local victim = require("victim")
    for _, value in ipairs({ 0 / 0, "\255\0", {}, print, true, ("x"):rep(100000) }) do
        victim.take(value)
    end
    assert(not pcall(victim.take, coroutine.create(print)))
    assert(victim.nothing == nil)
    return "contained"
end

return M
