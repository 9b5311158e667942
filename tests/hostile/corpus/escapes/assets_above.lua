--- Files above the module's folder, by asset.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, path in ipairs({
        "../victim/init.lua", "..", ".", "", "/etc/passwd", "//etc/passwd", "a/../../victim/init.lua", "C:\\x", "~/.ssh/id_rsa",
        "init.lua\0.txt", "./../victim/init.lua", "..\\victim\\init.lua", ("a/"):rep(3000), "file:///etc/passwd",
    }) do
        local bytes, why = host.asset(path)
        assert(bytes == nil and type(why) == "string", path)
    end
    return "contained"
end

return M
