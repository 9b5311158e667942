--- Any value as one line of text: sorted, bounded, cycles named; calls no metamethod.
---
--- It needs nothing but Lua, so another module may run it itself: `load(require("log").formatter())()`.

---@class Bounds
---@field maxDepth integer tables in tables
---@field maxEntries integer of one table
---@field maxLength integer bytes of the whole

local ESCAPES = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"' }
local NUMBERS_FIRST = { number = 1, string = 2, boolean = 3 }

---@param text string
---@return string
local function quoted(text)
    return '"' .. text:gsub('[%c"\\]', function(char)
        return ESCAPES[char] or ("\\%03d"):format(char:byte())
    end) .. '"'
end

---@param number number
---@return string
local function numeral(number)
    if number % 1 == 0 and math.abs(number) < 2 ^ 53 then
        return ("%d"):format(number)
    end
    return ("%.14g"):format(number)
end

local function simple(value)
    local kind = type(value)
    if kind == "string" then
        return quoted(value)
    elseif kind == "number" then
        return numeral(value)
    elseif kind == "nil" or kind == "boolean" then
        return tostring(value)
    end
    return "<" .. kind .. ">"
end

local function before(a, b)
    local kind_a, kind_b = NUMBERS_FIRST[type(a)] or 4, NUMBERS_FIRST[type(b)] or 4
    if kind_a ~= kind_b then
        return kind_a < kind_b
    elseif kind_a <= 2 then
        return a < b
    end
    return false
end

local function label(key)
    if type(key) == "string" and key:match("^[%a_][%w_]*$") then
        return key
    end
    return "[" .. simple(key) .. "]"
end

local show

---@param value table
---@param state { bounds: Bounds, left: integer, open: table<table, string> }
local function show_table(value, state, path, depth)
    if state.open[value] then
        return "<cycle: " .. state.open[value] .. ">"
    elseif depth > state.bounds.maxDepth then
        return next(value) == nil and "{}" or "{...}"
    end
    state.open[value] = path
    local length, keys, parts = 0, {}, {}
    while rawget(value, length + 1) ~= nil and length < state.bounds.maxEntries do
        length = length + 1
        parts[length] = show(rawget(value, length), state, ("%s[%d]"):format(path, length), depth + 1)
    end
    local more = false
    for key in next, value do
        if type(key) ~= "number" or key % 1 ~= 0 or key < 1 or key > length then
            if #keys >= 10 * state.bounds.maxEntries then
                more = true
                break
            end
            keys[#keys + 1] = key
        end
    end
    table.sort(keys, before)
    for _, key in ipairs(keys) do
        if #parts >= state.bounds.maxEntries or state.left <= 0 then
            more = true
            break
        end
        local named = label(key)
        local at = path .. (named:sub(1, 1) == "[" and named or "." .. named)
        parts[#parts + 1] = named .. " = " .. show(rawget(value, key), state, at, depth + 1)
    end
    state.open[value] = nil
    if more then
        parts[#parts + 1] = "..."
    end
    return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

function show(value, state, path, depth)
    if state.left <= 0 then
        return "..."
    elseif type(value) == "table" then
        return show_table(value, state, path, depth)
    end
    local text = simple(type(value) == "string" and value:sub(1, state.bounds.maxLength) or value)
    state.left = state.left - #text
    return text
end

--- Values -> text, as one line; strings of their own stand without quotes.
---@param bounds Bounds?
---@return string
return function(bounds, ...)
    bounds = bounds or { maxDepth = 4, maxEntries = 20, maxLength = 2000 }
    local parts = {}
    for index = 1, select("#", ...) do
        local value = select(index, ...)
        if type(value) == "string" then
            parts[index] = value:sub(1, bounds.maxLength)
        else
            parts[index] = show(value, { bounds = bounds, left = bounds.maxLength, open = {} }, "value", 1)
        end
    end
    local text = table.concat(parts, " ")
    return #text > bounds.maxLength and text:sub(1, bounds.maxLength - 3) .. "..." or text
end
