--- From what others hand in to a message or a user, or a reason why it is none.

local LONGEST_NAME = 64 -- bytes of a user's name, a type, a room

local function name_of(value, what)
    if type(value) ~= "string" or value == "" then
        return nil, what .. " is missing"
    elseif #value > LONGEST_NAME then
        return nil, ("%s is longer than %d bytes"):format(what, LONGEST_NAME)
    end
    return value
end

local R = {}

--- `{ sender, content, type }`, or a text alone, which comes from `system`.
---@param value any
---@param longest integer bytes of the content
---@return table? draft sender, content, type; other fields that are plain stay
---@return string? why
function R.message(value, longest)
    if type(value) == "string" then
        value = { sender = "system", content = value, type = "system" }
    elseif type(value) ~= "table" then
        return nil, "a message is a table or a text, not a " .. type(value)
    end
    local sender, why = name_of(value.sender, "sender")
    if not sender then
        return nil, why
    elseif type(value.content) ~= "string" or value.content == "" then
        return nil, "content is missing"
    elseif #value.content > longest then
        return nil, ("content is longer than %d bytes"):format(longest)
    end
    local kind = value.type
    if kind == nil then
        kind = "text"
    else
        kind, why = name_of(kind, "type")
        if not kind then
            return nil, why
        end
    end
    return { sender = sender, content = value.content, type = kind, room = name_of(value.room, "room") }
end

--- A name, or a table with one.
---@return string? name
---@return string? why
function R.user(value)
    if type(value) == "table" then
        value = value.name
    end
    return name_of(value, "name")
end

--- The last `n` of a list, in order; all without `n`.
---@param list any[]
---@param n any
function R.last(list, n)
    local wanted = type(n) == "number" and n == n and math.max(0, math.floor(n)) or #list
    local found = {}
    for index = math.max(1, #list - wanted + 1), #list do
        found[#found + 1] = list[index]
    end
    return found
end

return R
