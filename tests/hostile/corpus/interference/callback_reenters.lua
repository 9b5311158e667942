--- A function that calls the module that calls it.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local victim = require("victim")
    assert(victim.tried(function() return victim.ping() end))
    return "contained"
end

return M
