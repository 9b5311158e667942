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

local OPTIONS = {
    csv_decode = { header = "boolean", separator = "string" },
    csv_encode = { separator = "string" },
    json_decode = { null = "boolean" },
    json_encode = { indent = "number" },
    yaml_decode = { null = "boolean" },
} ---@type table<string, table<string, string>> kinds by function and name

local function look_at(options, where)
    if options == nil then
        return
    elseif type(options) ~= "table" then
        error(("bad argument #2 to '%s' (table expected, got %s)"):format(where, type(options)), 3)
    end
    local kinds = OPTIONS[where] or {}
    for name, value in pairs(options) do
        if not kinds[name] then
            local known = {}
            for each in pairs(kinds) do
                known[#known + 1] = each
            end
            table.sort(known)
            local there = #known > 0 and table.concat(known, ", ") or "none"
            error(("unknown option '%s' to '%s'; it has %s"):format(tostring(name), where, there), 3)
        elseif type(value) ~= kinds[name] then
            error(("bad option '%s' to '%s' (%s expected, got %s)"):format(name, where, kinds[name], type(value)), 3)
        end
    end
end

for _, name in ipairs({ "csv", "json", "toml", "xml", "yaml" }) do
    local decode, encode = name .. "_decode", name .. "_encode"
    data[decode] = function(text, options)
        expect("string", text, 1, decode)
        look_at(options, decode)
        return native[decode](text, options)
    end
    data[encode] = function(value, options)
        look_at(options, encode)
        return native[encode](value, options)
    end
end

data.parse_json, data.to_json = data.json_decode, data.json_encode
data.parse_yaml, data.to_yaml = data.yaml_decode, data.yaml_encode

--- What stands for `null` in text: with `{ null = true }` each one read is that, and it is written as one.
---@return table
function data.null()
    return { [0] = "null" }
end

---@return boolean
function data.is_null(value)
    return type(value) == "table" and value[0] == "null" and next(value, next(value)) == nil
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
