--- A function of one module, handed to another as its own, to have it called in that one's name.
--- at: call
--- needs: victim
--- expect: contained

local victim = require("victim")
local M = { exports = {} }

function M.exports.f()
    local ok = pcall(victim.keep, victim.ping)
    local also, other = pcall(setmetatable, victim, {})
    local third = pcall(function()
        victim.ping = print
    end)
    return (ok ~= nil and not also and not third and other ~= nil) and "contained" or "changed"
end

return M
