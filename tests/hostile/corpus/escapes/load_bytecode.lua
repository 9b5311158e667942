--- Bytecode, by load.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, code in ipairs({ "\27LJ\2", "\27Lua", "\27", "\27LJ\2\10\0" }) do
        local chunk, why = load(code)
        assert(chunk == nil and why:find("bytecode", 1, true))
        assert(load(code, "x", "b") == nil)
        assert(load(code, "x", "bt") == nil)
        assert(loadstring(code) == nil)
    end
    return "contained"
end

return M
