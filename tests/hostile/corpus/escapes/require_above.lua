--- Files above the module's folder, by require.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, name in ipairs({
        "..victim.init", "/etc/passwd", "../victim/init", "victim/init", "", ".", "a..b", "init\0", "\255", "%s", ("a."):rep(3000) .. "a",
    }) do
        assert(not pcall(require, name), name)
    end
    return "contained"
end

return M
