--- Globals that others would see.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, name in ipairs({ "pairs", "error", "pcall", "print", "require", "host", "type", "tostring" }) do
        _G[name] = nil
    end
    shared = "seen by all"
    return "contained"
end

return M
