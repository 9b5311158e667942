--- Reads encoded values for whoever looks at them: pages of their tables, and parts. Nothing else runs here, so it is
--- compiled, and no hook ends it.

local buffer = require("string.buffer")
local byte, decode, encode, sub = string.byte, buffer.decode, buffer.encode, string.sub
local next, setmetatable, sort, type = next, setmetatable, table.sort, type

local LONGEST = 1200 -- bytes of a text in a row: more than the characters that are shown of it
local TRUTHS = { ["true"] = true, ["false"] = false }

local kept ---@type any the value that was read last
local orders = setmetatable({}, { __mode = "k" }) ---@type table<table, any[]> keys of its tables as they are shown

--- The first bytes of a text, without a piece of a character.
local function clipped(text)
    local last = LONGEST
    while last > LONGEST - 4 and (byte(text, last + 1) or 0) >= 0x80 and byte(text, last + 1) < 0xC0 do
        last = last - 1
    end
    return sub(text, 1, last)
end

--- The keys of a table: its numbers, then its words, each in order; a truth value stands among the words.
local function keys_of(value)
    if orders[value] then
        return orders[value]
    end
    local keys, words, count = {}, {}, 0
    for key in next, value do
        if type(key) == "number" then
            count = count + 1
            keys[count] = key
        else
            words[#words + 1] = type(key) == "string" and key or key and "true" or "false"
        end
    end
    sort(keys)
    sort(words)
    for index = 1, #words do
        keys[count + index] = words[index]
    end
    orders[value] = keys
    return keys
end

local function entry_of(value, key)
    local found = value[key]
    if found == nil and TRUTHS[key] ~= nil then
        return value[TRUTHS[key]]
    end
    return found
end

--- What a path leads to; nil where nothing stands there.
local function follow(path)
    local value = kept
    for index = 1, #path do
        if type(value) ~= "table" then
            return nil
        end
        value = entry_of(value, path[index])
    end
    return value
end

local function row_of(key, value)
    local kind = type(value)
    if kind == "table" then
        return { key, kind, #keys_of(value) }
    elseif kind == "string" and #value > LONGEST then
        return { key, kind, clipped(value) }
    end
    return { key, kind, value }
end

--- What Python asks: read a value; entries `first` to `last` of the table at a path, with how many there are; the value
--- at a path, encoded, or nothing.
return {
    read = function(bytes)
        kept, orders = nil, setmetatable({}, { __mode = "k" })
        kept = decode(bytes)
    end,
    page = function(path, first, last)
        local value, rows = follow(decode(path)), {}
        if type(value) ~= "table" then
            return 0, encode(rows)
        end
        local keys = keys_of(value)
        for index = first, last < #keys and last or #keys do
            rows[#rows + 1] = row_of(keys[index], entry_of(value, keys[index]))
        end
        return #keys, encode(rows)
    end,
    part = function(path)
        local value = follow(decode(path))
        return value ~= nil and encode(value) or nil
    end,
}
