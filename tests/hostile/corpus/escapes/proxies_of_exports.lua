--- An export that is none, by every kind of key.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local victim = require("victim")
    for _, key in ipairs({ "__class__", 1, true, "", "\255", ("x"):rep(100000) }) do
        assert(victim[key] == nil)
    end
    assert(not pcall(function() victim.ping = nil end))
    return "contained"
end

return M
