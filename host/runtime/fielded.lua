--- Ways into a handler for events that are one small table: each takes the values of its fields, by names given before.
---
--- Such a way is the guard's `scalar`, compiled again with a table's fields for the value. It makes the table where it
--- calls the handler: a function for that alone would cost each call 0.05 µs, most of it waits for memory.

local concat, format, join, load, select = table.concat, string.format, debug.upvaluejoin, load, select

local MOST_FORMS = 64 -- ways of naming fields whose compiled text is kept

-- As `scalar` in guard.lua, line by line: what they share is told apart by the order in which they name it.
local WAY = [[
local calls, depth, nested, run, body, started, xpcall, describe, failed, over
return function(%s)
    calls = calls + 1
    if depth ~= 0 then
        return nested(run(body, { %s }))
    end
    started = nil
    depth = 1
    local ok, caught = xpcall(body, describe, { %s })
    depth = 0
    if not ok or over then
        return failed(caught)
    end
end]]
local SHARED = 10

local known, count = {}, 0 ---@type table<string, function>, integer

---@param ... string names of fields
---@return function gives a way that shares nothing yet
local function compiled(...)
    local parameters, fields = {}, {}
    for index = 1, select("#", ...) do
        parameters[index] = "v" .. index
        fields[index] = format("[%q] = v%d", (select(index, ...)), index)
    end
    local values = concat(fields, ", ")
    local text = format(WAY, concat(parameters, ", "), values, values)
    if not known[text] then
        if count >= MOST_FORMS then
            known, count = {}, 0
        end
        -- Named as the guard, whose part it is: the hook raises in neither.
        known[text], count = load(text, "=(host guard)", "t"), count + 1
    end
    return known[text]
end

---@param scalar function the guard's way into the handler, for a plain value
---@param ... string names of the fields
---@return function
return function(scalar, ...)
    local way = compiled(...)()
    for index = 1, SHARED do
        join(way, index, scalar, index)
    end
    return way
end
