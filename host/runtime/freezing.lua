--- A function on its way into another runtime of its module: its code, and its upvalues as they are now.
---
--- What it reaches is copied once, however often and by whichever way it is reached: tables, cycles among them, and
--- variables that several functions share are so in the copy. The libraries, the host's own functions and what stands
--- for other modules are there again. All else has no copy, and is refused by its name.

local buffer = require("string.buffer")
local dump, format, sub = string.dump, string.format, string.sub
local get_upvalue, set_upvalue = debug.getupvalue, debug.setupvalue
local join_upvalues, upvalue_id = debug.upvaluejoin, debug.upvalueid
local info, metatable_of = debug.getinfo, debug.getmetatable
local error, ipairs, load, next, pcall, rawset = error, ipairs, load, next, pcall, rawset
local select, setmetatable, tostring, type, unpack = select, setmetatable, tostring, type, unpack

local DEEPEST = 200 -- tables and functions inside one another
local LONGEST_NAME = 40 -- bytes of a key that a refusal shows
local ARTICLES = { userdata = "a foreign object", thread = "a coroutine", cdata = "a number of another size" }
local PLAIN = { ["nil"] = true, boolean = true, number = true, string = true }
local NONE = {}
local HOSTS_OWN = "the host's, and not there in a job"

---@param environment table of the module
---@param proxies table<table|function, string[]> what stands for other modules: owner, and name of an export
---@param values table from values.lua
return function(environment, proxies, values)
    local Mark = {} -- the metatable of what stands for something else in an image: its kind, and which
    local classes = { Mark } -- metatables that cross, of the objects of faces after it
    local encoder, decoder = buffer.new({ metatable = classes }), buffer.new({ metatable = classes })
    local is_class = {}
    local paths ---@type table<table|function, string> names of what every runtime has
    local named = {} ---@type table<string, function> functions of faces
    local when_packed ---@type fun(objects: table[]) is told of objects of faces that cross in values

    local function note_paths(prefix, members, depth)
        for name, value in next, members do
            local kind = type(value)
            if type(name) == "string" and (kind == "table" or kind == "function") and not paths[value] then
                paths[value] = prefix .. name
                if kind == "table" and depth > 1 then
                    note_paths(prefix .. name .. ".", value, depth - 1)
                end
            end
        end
    end

    --- Before the module can have changed one of them, or as soon after as it first needs a face.
    local function known_paths()
        if not paths then
            paths = { [environment] = "_G" }
            note_paths("", environment, 3)
        end
        return paths
    end
    known_paths()

    local function at(path)
        if named[path] then
            return named[path]
        end
        local found = environment
        for name in path:gmatch("[^.]+") do
            found = path ~= "_G" and found[name] or found
        end
        return found
    end

    local function refuse(trail, depth, what)
        if depth == 0 then
            error(format("the function is %s, of which a job gets no copy", what), 0)
        end
        local shown = trail[1]
        for level = 2, depth do
            local key = trail[level]
            shown = shown .. (type(key) == "string" and "." .. sub(key, 1, LONGEST_NAME) or "[" .. tostring(key) .. "]")
        end
        error(format("upvalue %s is %s, of which a job gets no copy", shown, what), 0)
    end

    --- Add the objects of faces in a value without cycles, those inside of others too.
    local function find_objects(found, value)
        if is_class[metatable_of(value)] then
            found[#found + 1] = value
        end
        for _, inner in next, value do
            if type(inner) == "table" then
                find_objects(found, inner)
            end
        end
    end

    local freeze

    local function freeze_table(image, value, trail, depth)
        local entries = {}
        image.count = image.count + 1
        local number = image.count
        image.known[value], image.tables[number] = setmetatable({ "t", number }, Mark), entries
        local meta = metatable_of(value)
        entries.meta = freeze(image, meta, trail, depth)
        for key, inner in next, value do
            trail[depth + 1] = key
            entries[#entries + 1] = freeze(image, key, trail, depth + 1)
            entries[#entries + 1] = freeze(image, inner, trail, depth + 1)
        end
        return image.known[value]
    end

    local function freeze_function(image, body, trail, depth)
        local source = info(body, "S").source
        if sub(source, 1, 1) ~= "@" then
            if values.is_foreign(body) then
                refuse(trail, depth, "a function of another module")
            end
            return setmetatable({ "h" }, Mark)
        end
        local frozen = { dump(body) }
        local number = #image.functions + 1
        image.known[body], image.functions[number] = setmetatable({ "f", number }, Mark), frozen
        for index = 1, 255 do
            local name, value = get_upvalue(body, index)
            if not name then
                break
            end
            local id = upvalue_id(body, index)
            if not image.slots[id] then
                image.last = image.last + 1
                image.slots[id] = image.last
                trail[depth + 1] = name
                image.upvalues[image.last] = freeze(image, value, trail, depth + 1)
            end
            frozen[index + 1] = image.slots[id]
        end
        return image.known[body]
    end

    --- What stands for a value in an image.
    function freeze(image, value, trail, depth)
        local kind = type(value)
        if PLAIN[kind] then
            return value
        elseif ARTICLES[kind] then
            refuse(trail, depth, ARTICLES[kind])
        elseif image.known[value] then
            return image.known[value]
        elseif proxies[value] then
            return setmetatable({ "m", proxies[value][1], proxies[value][2] }, Mark)
        elseif paths[value] then
            return setmetatable({ "l", paths[value] }, Mark)
        elseif depth > DEEPEST then
            refuse(trail, 5, "nested too deep")
        elseif kind == "function" then
            return freeze_function(image, value, trail, depth)
        elseif is_class[metatable_of(value)] then
            find_objects(image.objects, value)
            return value
        end
        return freeze_table(image, value, trail, depth)
    end

    --- A function of the module's, and what it is called with first -> bytes, and the objects of faces among it.
    --- Raises text that names the upvalue of which there is no copy.
    local function frozen(body, ...)
        local image = { functions = {}, tables = {}, upvalues = {}, slots = {}, known = {}, objects = {} }
        image.count, image.last = 0, 0
        local root, bound = freeze(image, body, {}, 0), nil
        if select("#", ...) > 0 then
            bound = { n = select("#", ...) }
            for index = 1, bound.n do
                bound[index] = freeze(image, (select(index, ...)), {}, 0)
            end
        end
        encoder:reset():encode({ root, image.functions, image.upvalues, image.count > 0 and image.tables, bound })
        return values.sized(encoder:get()), image.objects
    end

    local function encode_all(count, ...)
        encoder:reset():encode(count)
        for index = 1, count do
            encoder:encode((select(index, ...)))
        end
    end

    --- Values -> bytes, none of none; objects of faces stay what they are.
    --- Raises text that names the place of what cannot cross.
    local function packed(what, ...)
        local count = select("#", ...)
        if count == 0 then
            return ""
        end
        local ok, message = pcall(encode_all, count, ...)
        if not ok then
            for index = 1, count do
                values.look_at((select(index, ...)), count == 1 and what or what .. " " .. index)
            end
            error(format("%s cannot cross: %s", what, tostring(message)), 0)
        end
        local bytes = values.sized(encoder:get())
        local objects = {}
        for index = 1, count do
            local value = select(index, ...)
            if type(value) == "table" then
                find_objects(objects, value)
            end
        end
        if #objects > 0 then
            when_packed(objects)
        end
        return bytes
    end

    local function unpacked(bytes)
        if bytes == "" then
            return
        end
        decoder:set(bytes)
        local count = decoder:decode()
        if count == 1 then
            return decoder:decode()
        end
        local found = {}
        for index = 1, count do
            found[index] = decoder:decode()
        end
        return unpack(found, 1, count)
    end

    local function revived(image, value)
        if type(value) ~= "table" or metatable_of(value) ~= Mark then
            return value
        end
        local kind, which, name = value[1], value[2], value[3]
        if kind == "f" then
            return image.functions[which]
        elseif kind == "t" then
            return image.tables[which]
        elseif kind == "l" then
            return at(which) == environment and image.globals or at(which)
        elseif kind == "m" then
            local module = environment.require(which)
            return name and module and module[name] or module
        end
        return function()
            error("this function is " .. HOSTS_OWN, 2)
        end
    end

    local function fill(image, table_, entries)
        for index = 1, #entries, 2 do
            rawset(table_, revived(image, entries[index]), revived(image, entries[index + 1]))
        end
        local meta = revived(image, entries.meta)
        if meta ~= nil then
            setmetatable(table_, meta)
        end
    end

    --- Give functions their upvalues: those that share one in the image share it here.
    local function bind(image, functions, upvalues)
        local first = {} ---@type table<integer, { [1]: function, [2]: integer }> who has a slot already
        for number, each in ipairs(functions) do
            local body = image.functions[number]
            for index = 1, #each - 1 do
                local slot = each[index + 1]
                if first[slot] then
                    join_upvalues(body, index, first[slot][1], first[slot][2])
                else
                    first[slot] = { body, index }
                    set_upvalue(body, index, revived(image, upvalues[slot]))
                end
            end
        end
    end

    local beneath = { __index = environment, __metatable = "globals of a job" }

    --- Bytes from `frozen` -> the function, in globals of its own, and what it is called with first.
    local function thaw(bytes)
        decoder:set(bytes)
        local root, functions, upvalues, tables, bound = unpack(decoder:decode(), 1, 5)
        local globals = setmetatable({}, beneath)
        globals._G = globals
        local image = { functions = {}, tables = {}, globals = globals }
        for number, each in ipairs(functions) do
            image.functions[number] = load(each[1], "=job", "b", globals)
        end
        for number in ipairs(tables or NONE) do
            image.tables[number] = {}
        end
        for number, entries in ipairs(tables or NONE) do
            fill(image, image.tables[number], entries)
        end
        bind(image, functions, upvalues)
        for index = 1, bound and bound.n or 0 do
            bound[index] = revived(image, bound[index])
        end
        return revived(image, root), bound
    end

    return {
        frozen = frozen,
        packed = packed,
        unpacked = unpacked,
        --- Let objects with these metatables cross; in the same order in each runtime. Told of those that do in values.
        let_cross = function(told, ...)
            when_packed = told
            local all = {} -- a list of its own: an encoder reads it once
            for index, class in ipairs(classes) do
                all[index] = class
            end
            for _, class in ipairs({ ... }) do
                all[#all + 1], is_class[class] = class, true
            end
            classes = all
            encoder, decoder = buffer.new({ metatable = all }), buffer.new({ metatable = all })
        end,
        --- Have a function of a face be there in a job, too.
        name = function(path, body)
            named[path], paths[body] = body, path
        end,
        is_of = function(value, class)
            return metatable_of(value) == class
        end,
        --- A job's function, which takes nothing and gives what it returns as bytes.
        thawed = function(image, arguments)
            local body, bound = thaw(image)
            if bound then
                return function()
                    return packed("what the job returns", body(unpack(bound, 1, bound.n)))
                end
            end
            return function()
                return packed("what the job returns", body(unpacked(arguments)))
            end
        end,
    }
end
