--- Widths and kinds for which a C function has no room.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, template in ipairs({ "%99999d", "%.99999f", "%n", "%*d", "%1$s", "%lld", "%099d", "%#+ 0-5.3q", "%", "%z", "%.99f" }) do
        pcall(string.format, template, 1, 2, 3)
        pcall(string.format, template, "x")
    end
    return "contained"
end

return M
