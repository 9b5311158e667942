--- Libraries that LuaJIT has built in, by require.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, name in ipairs({
        "string.buffer", "table.new", "table.clear", "table.nkeys", "table.isarray", "table.isempty", "table.move",
        "thread.exdata", "jit.opt", "jit.profile", "jit.util", "ffi", "io", "os", "debug", "package", "_G", "string",
    }) do
        assert(not pcall(require, name), name)
    end
    return "contained"
end

return M
