--- Too few arguments and too many, everywhere.
--- at: call
--- expect: contained
--- limits: call = "1 s"
--- within: 1.0

local M = { exports = {} }

function M.exports.f()
    local many = {}
    for i = 1, 200 do
        many[i] = i
    end
    for _, library in pairs({ string, table, math, bit, os, coroutine, _G }) do
        for name, member in pairs(library) do
            if type(member) == "function" and name ~= "f" and name ~= "yield" then
                pcall(member)
                pcall(member, unpack(many))
                pcall(member, "x", "%", -1)
            end
        end
    end
    return "contained"
end

return M
