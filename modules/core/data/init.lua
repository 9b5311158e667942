--- Text formats, hashes, and ways through tables.

local native = host.native

local M = { exports = {} }
local data = M.exports

local function expect(kind, value, position, where)
    if type(value) ~= kind then
        error(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, where, kind, type(value)), 3)
    end
end

-- Formats: `NAME_decode(text, options)` gives a value, `NAME_encode(value, options)` a text; or nil and why not

for _, name in ipairs({ "csv", "json", "toml", "xml", "yaml" }) do
    local decode, encode = name .. "_decode", name .. "_encode"
    data[decode] = function(text, options)
        expect("string", text, 1, decode)
        if options ~= nil then
            expect("table", options, 2, decode)
        end
        return native[decode](text, options)
    end
    data[encode] = function(value, options)
        if options ~= nil then
            expect("table", options, 2, encode)
        end
        return native[encode](value, options)
    end
end

--- A list that stays one in text where it is empty; an empty table is an object otherwise.
---@param list table?
---@return table
function data.array(list)
    if list ~= nil then
        expect("table", list, 1, "array")
    end
    if list == nil or next(list) == nil then
        return { [0] = "[]" }
    end
    return list
end

---@param text string
---@return string
function data.base64_encode(text)
    expect("string", text, 1, "base64_encode")
    return native.base64_encode(text)
end

---@param text string
---@return string?, string?
function data.base64_decode(text)
    expect("string", text, 1, "base64_decode")
    return native.base64_decode(text)
end

--- A digest in hexadecimal: md5, sha1, sha224, sha256, sha384, sha512, blake2b, sha3_256.
---@return string?, string?
function data.hash(algorithm, text)
    expect("string", algorithm, 1, "hash")
    expect("string", text, 2, "hash")
    return native.hash(algorithm, text)
end

---@return string?, string?
function data.hmac(algorithm, key, text)
    expect("string", algorithm, 1, "hmac")
    expect("string", key, 2, "hmac")
    expect("string", text, 3, "hmac")
    return native.hmac(algorithm, key, text)
end

--- A random UUID.
---@return string
function data.uuid()
    return native.uuid()
end

-- Tables

local function merged(into, from)
    for key, value in pairs(from) do
        local there = into[key]
        if type(value) == "table" and type(there) == "table" and #value == 0 and #there == 0 then
            merged(there, value)
        else
            into[key] = value
        end
    end
    return into
end

--- The first table with all that is in the others over it; tables in tables likewise, lists as a whole.
---@return table
function data.deep_merge(...)
    local result = {}
    for index = 1, select("#", ...) do
        expect("table", (select(index, ...)), index, "deep_merge")
        merged(result, (select(index, ...)))
    end
    return result
end

--- `a.b[2].c` -> its keys.
local function keys_of(path, where)
    if type(path) == "table" then
        return path
    end
    expect("string", path, 2, where)
    local keys = {}
    for dotted, number in path:gmatch("([^.%[%]]*)%[?(%d*)%]?") do
        if dotted ~= "" then
            keys[#keys + 1] = dotted
        end
        if number ~= "" then
            keys[#keys + 1] = tonumber(number)
        end
    end
    return keys
end

--- What a path leads to (`users[2].name`, or a list of keys), or the default.
function data.get(value, path, default)
    expect("table", value, 1, "get")
    for _, key in ipairs(keys_of(path, "get")) do
        if type(value) ~= "table" or value[key] == nil then
            return default
        end
        value = value[key]
    end
    return value
end

--- The table with a value where a path leads; tables on the way are made.
---@return table?, string?
function data.set(value, path, new)
    expect("table", value, 1, "set")
    local keys, at = keys_of(path, "set"), value
    if #keys == 0 then
        error("bad argument #2 to 'set' (a path expected)", 2)
    end
    for index = 1, #keys - 1 do
        local key = keys[index]
        if at[key] == nil then
            at[key] = {}
        elseif type(at[key]) ~= "table" then
            return nil, ("%s is a %s"):format(tostring(key), type(at[key]))
        end
        at = at[key]
    end
    at[keys[#keys]] = new
    return value
end

return M
