--- Code that is loaded without an environment sees the module's.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    assert(load("return _G")() == _G)
    assert(getfenv(load("return 1")) == _G)
    assert(load("return io, os.execute, debug.getinfo, python")() == nil)
    local bare = load("return _G, string", "bare", "t", {})
    assert(bare() == nil)
    return "contained"
end

return M
