--- Positions that no table has.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, position in ipairs({ -1e9, -2 ^ 31, 2 ^ 31, 0 / 0, 1 / 0, -1 / 0, 1e300 }) do
        pcall(table.insert, {}, position, 1)
        pcall(table.remove, {}, position)
        pcall(table.concat, {}, "", position, position + 5)
        pcall(unpack, {}, position, position + 5)
        pcall(string.sub, "abc", position, position)
        pcall(string.byte, "abc", position, position)
        pcall(string.rep, "x", position)
        pcall(select, position, 1, 2)
        pcall(string.find, "abc", "b", position)
    end
    return "contained"
end

return M
