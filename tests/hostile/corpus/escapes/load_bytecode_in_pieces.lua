--- Bytecode, by a reader that gives it byte for byte.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local pieces, at = { "", "\27", "L", "J", "\2" }, 1
    local chunk = load(function()
        at = at + 1
        return pieces[at]
    end)
    return chunk == nil and "contained" or "escaped"
end

return M
