--- Replacements that are none.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, r in ipairs({ "%", "%x", "%9", {}, print, true, 0 / 0, function() return {} end, function() return true end }) do
        pcall(string.gsub, "subject", ".", r)
    end
    return "contained"
end

return M
