--- Walks from all that a module is given to all that can be reached: tables, metatables, environments.
--- at: call
--- expect: contained

local M = { exports = {} }
local KINDS = { ["nil"] = 1, boolean = 1, number = 1, string = 1, table = 1, ["function"] = 1, thread = 1 }

function M.exports.f(argument)
    local seen, todo = {}, { _G, host, M, argument, getmetatable(""), coroutine.running() or 0, "" }
    while #todo > 0 do
        local value = table.remove(todo)
        assert(KINDS[type(value)], type(value))
        if not seen[value] then
            seen[value] = true
            local meta = getmetatable(value)
            todo[#todo + 1] = meta ~= nil and meta or 0
            if type(value) == "function" then
                todo[#todo + 1] = getfenv(value)
            elseif type(value) == "table" then
                for key, inner in next, value do
                    todo[#todo + 1] = key
                    todo[#todo + 1] = inner
                end
            end
        end
    end
    return "contained"
end

return M
