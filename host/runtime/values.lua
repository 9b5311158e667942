--- What crosses: plain data as bytes, functions as references that call their owner back.
---
--- A crossing has a shape and a payload. Shape `nil`: the payload is the value itself (nil, boolean, number, string).
--- Shape n >= 0: the payload is the bytes of n values, one after another. Shape -(n + 1): the same, with references.

local buffer = require("string.buffer")
local decode, encode, new_buffer = buffer.decode, buffer.encode, buffer.new
local concat, format, match = table.concat, string.format, string.match
local error, getmetatable, next, pcall, rawequal = error, getmetatable, next, pcall, rawequal
local select, setmetatable, tostring, type, unpack = select, setmetatable, tostring, type, unpack

local DEEPEST = 100 -- as string.buffer has it
local MOST_HANDED = 10000 -- functions that one module may have handed out
local ARTICLES = { userdata = "a foreign object", thread = "a coroutine", ["function"] = "a function", cdata = "C data" }

---@param serial integer of this instance; a reference carries it
---@param call_handed fun(serial: integer, id: integer, shape: integer?, payload: any): boolean, any, any
return function(serial, call_handed)
    local Reference = {} -- the metatable that marks a reference among encoded tables
    local with_references = { metatable = { Reference } }
    local handed, ids, count = {}, setmetatable({}, { __mode = "k" }), 0
    local pack, unpacked

    local function id_of(body)
        local id = ids[body]
        if not id then
            if count >= MOST_HANDED then
                error(format("more than %d functions handed out", MOST_HANDED), 0)
            end
            count = count + 1
            id = count
            handed[id], ids[body] = body, id
        end
        return id
    end

    local function step(path, key)
        if type(key) == "string" and match(key, "^[%a_][%w_]*$") then
            return path .. "." .. key
        end
        return format(type(key) == "string" and "%s[%q]" or "%s[%s]", path, tostring(key))
    end

    --- Copy a value for encoding; functions become references, unless only plain data may cross.
    local function portable(value, path, depth, plain, open)
        local kind = type(value)
        if kind == "function" and not plain then
            return setmetatable({ serial, id_of(value) }, Reference)
        elseif ARTICLES[kind] then
            error(format("%s is %s", path, ARTICLES[kind]), 0)
        elseif kind ~= "table" then
            return value
        elseif open[value] then
            error(format("%s is a cycle: it holds %s", path, open[value]), 0)
        elseif depth > DEEPEST then
            error(format("%s is nested deeper than %d levels", path, DEEPEST), 0)
        end
        open[value] = path
        local copy = {}
        for key, inner in next, value do
            local at = step(path, key)
            if type(key) == "table" or ARTICLES[type(key)] then
                error(format("%s has a %s for a key", path, type(key)), 0)
            end
            copy[key] = portable(inner, at, depth + 1, plain, open)
        end
        open[value] = nil
        return copy
    end

    local function call_reference(owner, id, ...)
        local ok, shape, payload = call_handed(owner, id, pack(...))
        if not ok then
            error(shape, 3)
        end
        return unpacked(shape, payload)
    end

    --- Replace references in a decoded value by functions; own ones by the function itself.
    local function revive(value)
        if type(value) ~= "table" then
            return value
        elseif rawequal(getmetatable(value), Reference) then
            local owner, id = value[1], value[2]
            if owner == serial then
                return handed[id]
            end
            return function(...)
                return call_reference(owner, id, ...)
            end
        end
        for key, inner in next, value do
            if type(inner) == "table" then
                value[key] = revive(inner)
            end
        end
        return value
    end

    local function encode_each(out, values, n)
        for index = 1, n do
            out:encode(values[index])
        end
        return out:get()
    end

    local function pack_references(n, values)
        for index = 1, n do
            values[index] = portable(values[index], n == 1 and "value" or "argument " .. index, 1, false, {})
        end
        return -(n + 1), encode_each(new_buffer(with_references), values, n)
    end

    --- Values -> shape, payload. Raises text that names the place of what cannot cross.
    function pack(...)
        local n = select("#", ...)
        if n <= 1 then
            local value = ...
            local kind = type(value)
            if kind == "table" then
                local ok, bytes = pcall(encode, value)
                if ok then
                    return 1, bytes
                end
            elseif not ARTICLES[kind] then
                return nil, value
            end
            return pack_references(1, { value })
        end
        local values = { ... }
        local ok, bytes = pcall(encode_each, new_buffer(), values, n)
        if ok then
            return n, bytes
        end
        return pack_references(n, values)
    end

    local function decode_each(source, n)
        local values = {}
        for index = 1, n do
            values[index] = source:decode()
        end
        return unpack(values, 1, n)
    end

    --- Shape, payload -> values.
    function unpacked(shape, payload)
        if shape == nil then
            return payload
        elseif shape == 1 then
            return decode(payload)
        elseif shape >= 0 then
            return decode_each(new_buffer():set(payload), shape)
        end
        local n = -shape - 1
        local source, values = new_buffer(with_references):set(payload), {}
        for index = 1, n do
            values[index] = revive(source:decode())
        end
        return unpack(values, 1, n)
    end

    --- Plain data -> bytes; raises `state.users[3].socket is a function`.
    local function snapshot(value, name)
        local ok, bytes = pcall(encode, value)
        if ok then
            return bytes
        end
        portable(value, name, 1, true, {})
        error(format("%s cannot be kept: %s", name, tostring(bytes)), 0)
    end

    --- Raw, bounded text of any value, for the log: no metamethod is called.
    local function rendered(value, depth)
        if type(value) == "string" then
            return depth > 0 and format("%q", value) or value
        elseif type(value) ~= "table" then
            return tostring(value)
        elseif depth >= 3 then
            return "{...}"
        end
        local parts = {}
        for key, inner in next, value do
            if #parts >= 20 then
                parts[#parts + 1] = "..."
                break
            end
            parts[#parts + 1] = (type(key) == "string" and key or "[" .. tostring(key) .. "]")
                .. " = "
                .. rendered(inner, depth + 1)
        end
        return "{" .. concat(parts, ", ") .. "}"
    end

    return {
        pack = pack,
        unpacked = unpacked,
        --- Call a body with what was packed; one value without references is the common case.
        call_unpacked = function(body, bytes, shape)
            if shape == 1 then
                return body(decode(bytes))
            end
            return body(unpacked(shape, bytes))
        end,
        snapshot = snapshot,
        rendered = rendered,
        handed = handed,
    }
end
