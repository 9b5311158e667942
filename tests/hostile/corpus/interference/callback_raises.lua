--- A function that raises, called by another module which catches it.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local ok, why = require("victim").tried(function() error("mine") end)
    assert(ok == false and why:find("mine", 1, true))
    return "contained"
end

return M
