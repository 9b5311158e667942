--- A metatable that is protected, by raw functions.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local proxy = require("victim")
    assert(type(getmetatable(proxy)) == "string")
    assert(not pcall(setmetatable, proxy, {}))
    rawset(proxy, "ping", function() return "mine" end)
    assert(rawget(proxy, "ping")() == "mine")
    return "contained"
end

return M
