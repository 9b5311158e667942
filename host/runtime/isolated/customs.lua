--- Looks into encoded values that another process handed over, before any runtime decodes them.

local buffer = require("string.buffer")
local new_buffer = buffer.new
local concat, floor, format = table.concat, math.floor, string.format
local getmetatable, next, pcall, rawequal, type = getmetatable, next, pcall, rawequal, type

local Reference = {}
local with_references = { metatable = { Reference } }

local function is_number(value)
    return type(value) == "number" and value >= 0 and value <= 2 ^ 53 and floor(value) == value
end

--- Note the references in a value: owner and number of each, as text. False where one is none.
local function note(value, found)
    if rawequal(getmetatable(value), Reference) then
        local owner, id = value[1], value[2]
        if not (is_number(owner) and is_number(id)) then
            return false
        end
        found[#found + 1] = format("%.0f %.0f", owner, id)
        return true
    end
    for key, inner in next, value do
        if type(key) == "table" or type(inner) == "table" and not note(inner, found) then
            return false
        end
    end
    return true
end

local function decode_all(bytes, count, found)
    local source = (found and new_buffer(with_references) or new_buffer()):set(bytes)
    for _ = 1, count do
        local value = source:decode()
        if found and type(value) == "table" and not note(value, found) then
            return false
        end
    end
    return #source == 0
end

--- Whether bytes are so many values; and the references among them, where those are looked for.
return function(bytes, count, references)
    local found = references and {}
    local ok, sound = pcall(decode_all, bytes, count, found)
    return ok and sound, found and concat(found, " ") or ""
end
