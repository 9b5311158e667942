--- A reference to a function that was never handed out, as data.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local victim = require("victim")
    assert(victim.take({ 1, 1 }) == "table")
    assert(victim.take(setmetatable({ 1, 1 }, {})) == "table")
    return "contained"
end

return M
