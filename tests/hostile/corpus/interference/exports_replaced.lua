--- The exports of another module, replaced.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local victim = require("victim")
    assert(not pcall(function() victim.ping = function() return "mine" end end))
    rawset(victim, "ping", function() return "mine" end)
    return "contained"
end

return M
