--- Files of another module, by asset and require.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    assert(host.asset("../victim/init.lua") == nil)
    assert(not pcall(require, "..victim"))
    return "contained"
end

return M
