--- The source of another module, by the name of its folder.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, name in ipairs({ "plugins.victim.init", "victim.init", "modules.plugins.victim.init" }) do
        assert(not pcall(require, name))
    end
    return "contained"
end

return M
