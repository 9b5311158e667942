--- A function that yields, called by another module.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local ok, why = require("victim").tried(function() coroutine.yield(1) end)
    assert(type(ok) == "boolean" and why ~= 1)
    return "contained"
end

return M
