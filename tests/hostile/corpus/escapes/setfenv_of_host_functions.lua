--- Other environments for functions that are not the module's.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, body in ipairs({ print, pcall, error, string.format, host.emit, host.after, require, table.sort, getfenv, load }) do
        assert(not pcall(setfenv, body, {}))
    end
    assert(not pcall(setfenv, 0, {}))
    local inside = 0
    for level = 1, 100 do
        local function try()
            return pcall(setfenv, level + 2, { assert = assert })
        end
        inside = inside + 1
    end
    return "contained"
end

return M
