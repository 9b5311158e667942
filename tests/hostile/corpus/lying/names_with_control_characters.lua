--- Events by names that would be lines of a log, or steer a terminal.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, name in ipairs({ "a\nb", "\27[31m", "\0", "x\127" }) do
        assert(not pcall(host.emit, name))
        assert(not pcall(host.filter, name, 1))
        assert(not pcall(M.registerHook, M, name, print))
    end
    return "contained"
end

return M
