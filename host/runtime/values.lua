--- What crosses: plain data as bytes, functions as references that call their owner back.
---
--- A crossing has a shape and a payload. Shape `nil`: the payload is the value itself (nil, boolean, number, string).
--- Shape n >= 0: the payload is the bytes of n values, one after another. Shape -(n + 1): the same, with references.

local buffer = require("string.buffer")
local decode, encode, new_buffer = buffer.decode, buffer.encode, buffer.new
local concat, format, match, sub = table.concat, string.format, string.match, string.sub
local error, getmetatable, next, pcall, rawequal = error, getmetatable, next, pcall, rawequal
local select, setmetatable, tonumber, tostring, type = select, setmetatable, tonumber, tostring, type
local unpack, loaded = unpack, package.loaded

local LARGEST = 2 ^ 53
local LOOKED_AT = 10000 -- entries of a state that are looked at in a pause: 0.36 ms
local ALL = 1 / 0
local MOST_VALUES = 250 -- arguments or results at once: as many as the host's own functions of Lua are called with
local DEEPEST = 100 -- as string.buffer has it: a smaller limit is looked at here
local GENERATION = 5000 -- functions handed out after which one that nobody used is let go
local LONGEST_NAME = 80 -- bytes of a key that a path shows
local MOST_SHOWN = 20 -- members of a table that the log shows
local WEAK_KEYS, WEAK_VALUES = { __mode = "k" }, { __mode = "v" }
local ARTICLES = { userdata = "a foreign object", thread = "a coroutine", ["function"] = "a function" }

--- What a number of 64 bits is on its way: the receiver's runtime may know numbers alone.
local function number_of(cdata)
    local number = match(tostring(cdata), "^-?%d+U?LL$") and tonumber(cdata)
    if not number then
        error("the value holds a complex number, and only plain data can cross", 0)
    elseif number < -LARGEST or number > LARGEST or cdata ~= number then
        error(format("the value holds %s, which no number of Lua holds exactly", tostring(cdata)), 0)
    end
    return number
end

--- A copy with numbers in place of cdata, which literals like `1LL` make.
local function without_cdata(value, depth)
    if type(value) == "cdata" then
        return number_of(value)
    elseif type(value) ~= "table" or depth > DEEPEST then
        return value
    end
    local copy = {}
    for key, inner in next, value do
        copy[without_cdata(key, DEEPEST)] = without_cdata(inner, depth + 1)
    end
    return copy
end

local function each_without_cdata(value, ...)
    value = without_cdata(value, 1)
    if select("#", ...) == 0 then
        return value
    end
    return value, each_without_cdata(...)
end

--- The name of a place: `state.users[3].socket`.
---@param walk table its root, and the keys on the way
---@param depth integer how many of the keys
local function path_of(walk, depth)
    local path = walk.root
    for level = 1, depth do
        local key = walk[level]
        if type(key) ~= "string" then
            path = format("%s[%s]", path, tostring(key))
        elseif #key <= LONGEST_NAME and match(key, "^[%a_][%w_]*$") then
            path = path .. "." .. key
        else
            path = format("%s[%q]", path, sub(key, 1, LONGEST_NAME))
        end
    end
    return path
end

--- Functions by number. Nobody tells when the last reference to one is gone, so those unused for long are let go.
local function handed_functions()
    local young, old, ids = {}, {}, setmetatable({}, WEAK_KEYS)
    local last, fresh = 0, 0

    local function keep(id, body)
        if fresh >= GENERATION then
            young, old, fresh = {}, young, 0
        end
        young[id], old[id], fresh = body, nil, fresh + 1
    end

    local function find(id)
        local body = young[id] or old[id]
        if body and not young[id] then
            keep(id, body)
        end
        return body
    end

    local function id_of(body)
        local id = ids[body]
        if not id then
            last = last + 1
            id = last
            ids[body] = id
        end
        if not find(id) then
            keep(id, body)
        end
        return id
    end

    return find, id_of
end

---@param serial integer of this instance; a reference carries it
---@param call_handed fun(serial: integer, id: integer, shape: integer?, payload: any): ...
---@param limits { crossing: integer, entries: integer, depth: integer } of a value
---@param limited fun(limit: string, text: string): string notes that one was met
return function(serial, call_handed, limits, limited)
    local Reference = {} -- the metatable that marks a reference among encoded tables
    local with_references = { metatable = { Reference } }
    local find_handed, id_of = handed_functions()
    local foreign, ids_elsewhere = setmetatable({}, WEAK_KEYS), setmetatable({}, WEAK_KEYS) -- of others, by function
    local revived = {} ---@type table<integer, table<integer, function>> those by owner and number, while they are used
    local pack, unpacked
    local most_bytes, most_entries, deepest = limits.crossing, limits.entries, limits.depth

    --- Entries of all tables in a value without cycles; raises where there are too many, or tables too deep.
    local function count_entries(value, depth, count)
        if depth >= deepest then
            error(limited("depth", format("the value is nested deeper than %d levels", deepest)), 0)
        end
        for _, inner in next, value do
            count = count + 1
            if count > most_entries then
                error(limited("entries", format("the value has more than %d entries", most_entries)), 0)
            elseif type(inner) == "table" and not rawequal(getmetatable(inner), Reference) then
                count = count_entries(inner, depth + 1, count)
            end
        end
        return count
    end

    --- Bytes on their way, once they and the values that they stand for are found small enough.
    local function within(bytes, ...)
        if #bytes > most_bytes then
            error(limited("crossing", format("the value has %d bytes, and at most %d cross", #bytes, most_bytes)), 0)
        elseif #bytes > most_entries or deepest < DEEPEST then -- an entry has a byte at least
            local count = 0
            for index = 1, select("#", ...) do
                local value = select(index, ...)
                count = type(value) == "table" and count_entries(value, 0, count) or count
            end
        end
        return bytes
    end

    --- Copy a value for encoding; functions become references, unless only plain data may cross.
    local function portable(value, walk, depth)
        local kind = type(value)
        if kind == "function" and not walk.plain then
            local owner, id = foreign[value], ids_elsewhere[value]
            return setmetatable({ owner or serial, id or id_of(value) }, Reference)
        elseif ARTICLES[kind] then
            error(format("%s is %s", path_of(walk, depth), ARTICLES[kind]), 0)
        elseif kind ~= "table" then
            return value
        elseif walk.open[value] then
            error(format("%s is a cycle: it holds %s", path_of(walk, depth), path_of(walk, walk.open[value])), 0)
        elseif depth >= deepest then
            local text = format("%s is nested deeper than %d levels", path_of(walk, 5) .. "...", deepest)
            error(limited("depth", text), 0)
        end
        walk.open[value] = depth
        local copy = {}
        for key, inner in next, value do
            if type(key) == "table" or ARTICLES[type(key)] then
                error(format("%s has a %s for a key", path_of(walk, depth), type(key)), 0)
            end
            if walk.left then
                walk.left = walk.left - 1
                if walk.left < 0 then
                    break
                end
            end
            walk[depth + 1] = key
            copy[key] = portable(inner, walk, depth + 1)
        end
        walk.open[value] = nil
        return copy
    end

    --- The function for a number that this instance gave.
    local function handed(id)
        local body = find_handed(id)
        if not body then
            error("the function that was called was handed out long ago and let go; ask for it again", 0)
        end
        return body
    end

    --- The function for a reference to another module's: the same as long as it is used, so that it can be found again.
    local function function_of(owner, id)
        local known = revived[owner] or setmetatable({}, WEAK_VALUES)
        revived[owner] = known
        if not known[id] then
            local function body(...)
                return call_handed(owner, id, pack(...))
            end
            known[id], foreign[body], ids_elsewhere[body] = body, owner, id
        end
        return known[id]
    end

    --- Replace references in a decoded value by functions; own ones by the function itself.
    local function revive(value)
        if type(value) ~= "table" then
            return value
        elseif rawequal(getmetatable(value), Reference) then
            local owner, id = value[1], value[2]
            if owner == serial then
                return find_handed(id) or function()
                    return handed(id)
                end
            end
            return function_of(owner, id)
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
            values[index] = portable(values[index], { root = n == 1 and "value" or "argument " .. index, open = {} }, 0)
        end
        return -(n + 1), within(encode_each(new_buffer(with_references), values, n), unpack(values, 1, n))
    end

    local function pack_without_cdata(...)
        local n = select("#", ...)
        if n <= 1 then
            local value = ...
            local kind = type(value)
            if kind == "table" then
                local ok, bytes = pcall(encode, value)
                if ok then
                    return 1, within(bytes, value)
                end
            elseif kind == "string" and #value > most_bytes then
                return nil, within(value)
            elseif not ARTICLES[kind] then
                return nil, value
            end
            return pack_references(1, { value })
        end
        local values = { ... }
        local ok, bytes = pcall(encode_each, new_buffer(), values, n)
        if ok then
            return n, within(bytes, ...)
        end
        return pack_references(n, values)
    end

    --- Values -> shape, payload. Raises text that names the place of what cannot cross.
    function pack(...)
        if select("#", ...) > MOST_VALUES then
            local text = format("%d values at once, and at most %d cross", select("#", ...), MOST_VALUES)
            error(limited("entries", text), 0)
        end
        if loaded.ffi and select("#", ...) > 0 then -- loaded by the first literal that makes cdata
            return pack_without_cdata(each_without_cdata(...))
        end
        return pack_without_cdata(...)
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

    --- Raise text that names the place of what is no plain data; of a large value only where it shows early.
    ---@param left integer? entries that are looked at; all where it is absent
    local function refuse(value, name, left)
        portable(value, { root = name, open = {}, plain = true, left = left }, 0)
    end

    --- How many more entries may be looked at; nil where one of those before has a table for a key.
    local function plain_keys(value, left)
        for key, inner in next, value do
            left = left - 1
            if type(key) == "table" then
                return nil
            elseif left <= 0 then
                return 0
            elseif type(inner) == "table" then
                left = plain_keys(inner, left)
                if not left or left <= 0 then
                    return left
                end
            end
        end
        return left
    end

    --- Plain data -> bytes; raises `state.users[3].socket is a function`. The encoder takes a table for a key, which is
    --- no data: nothing could find it again.
    ---@param briefly boolean? whether it is looked for among the first entries alone, as in a pause
    local function snapshot(value, name, briefly)
        value = loaded.ffi and without_cdata(value, 1) or value
        local ok, bytes = pcall(encode, value)
        if ok and plain_keys(value, briefly and LOOKED_AT or ALL) then
            return within(bytes, value)
        end
        refuse(value, name)
        error(format("%s cannot be kept: %s", name, tostring(bytes)), 0)
    end

    local rendered

    local function rendered_table(value, room, depth)
        local parts, shown = {}, 0
        for key, inner in next, value do
            if shown >= MOST_SHOWN or room <= 0 then
                parts[#parts + 1] = "..."
                break
            end
            shown = shown + 1
            local name = type(key) == "string" and sub(key, 1, LONGEST_NAME)
                or "[" .. (type(key) == "table" and "table" or tostring(key)) .. "]"
            parts[shown] = name .. " = " .. rendered(inner, room, depth + 1)
            room = room - #parts[shown]
        end
        return "{" .. concat(parts, ", ") .. "}"
    end

    --- Raw text of any value, of about `room` bytes at most, for the log: no metamethod is called.
    function rendered(value, room, depth)
        if type(value) == "string" then
            value = sub(value, 1, room > 0 and room or 0)
            return depth > 0 and format("%q", value) or value
        elseif type(value) ~= "table" then
            return tostring(value)
        elseif depth >= 3 then
            return "{...}"
        end
        return rendered_table(value, room, depth)
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
        --- Refuse what is no plain data, without the cost of a snapshot.
        look_at = function(value, name)
            refuse(value, name, LOOKED_AT)
        end,
        rendered = rendered,
        handed = handed,
        --- Bytes that are not larger than what may cross; raises otherwise.
        sized = within,
        --- Whether a function stands for another module's.
        is_foreign = function(body)
            return foreign[body] ~= nil
        end,
        --- What gives a text for a function of another module's, and the function for such a text again; nothing where
        --- that was another run of the host, nor in a process of its own, which is given no name of the run.
        referring = function(run)
            return function(body)
                local owner = run ~= "" and foreign[body]
                return owner and format("%s.%d.%d", run, owner, ids_elsewhere[body]) or nil
            end, function(text)
                local of, owner, id = match(text, "^(%x+)%.(%d+)%.(%d+)$")
                return of == run and function_of(tonumber(owner), tonumber(id)) or nil
            end
        end,
    }
end
