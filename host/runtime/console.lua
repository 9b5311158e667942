--- The console: Lua in a module's environment that sees the locals of its files, too; what comes back is a tree.

local encode = require("string.buffer").encode
local getinfo, getupvalue, setupvalue = debug.getinfo, debug.getupvalue, debug.setupvalue
local byte, format, gmatch, match, sub = string.byte, string.format, string.gmatch, string.match, string.sub
local error, getmetatable, load, next, rawget = error, getmetatable, load, next, rawget
local select, setmetatable, sort, tostring, type = select, setmetatable, table.sort, tostring, type

local NAME = "@(console)"
local MODULE_FILE = byte("@") -- what the names of a module's chunks begin with
local MOST_FUNCTIONS = 2000 -- that are looked through for locals
local MOST_SORTED = 1000 -- keys of one table
local MOST_ENTRIES, MOST_NODES, DEEPEST = 200, 2000, 6 -- that are shown: of one table, in all, and levels
local LONGEST_TEXT, LONGEST_KEY = 256, 80 -- bytes
local MOST_OFFERED = 50
local MOST_PARENTS = 10 -- tables behind a table's `__index`

--- The locals that a module's functions use, by name: the function and the number of its upvalue.
local function locals_of(module)
    local found, seen, pending = {}, {}, {}
    local function add(value)
        if type(value) == "function" and not seen[value] and #pending < MOST_FUNCTIONS then
            seen[value] = true
            pending[#pending + 1] = value
        end
    end
    local function add_members(holder)
        if type(holder) == "table" then
            for _, value in next, holder do
                add(value)
            end
        end
    end
    add_members(module)
    add_members(rawget(module, "hooks"))
    add_members(rawget(module, "exports"))
    local at = 1
    while pending[at] do
        local body, index = pending[at], 1
        if byte(getinfo(body, "S").source, 1) == MODULE_FILE then
            local name, value = getupvalue(body, index)
            while name do
                found[name] = found[name] or { body, index }
                add(value)
                index = index + 1
                name, value = getupvalue(body, index)
            end
        end
        at = at + 1
    end
    return found
end

local function comes_before(one, other)
    if type(one) ~= type(other) then
        return type(one) == "number" or type(one) < type(other) and type(other) ~= "number"
    elseif type(one) == "number" or type(one) == "string" then
        return one < other
    end
    return tostring(one) < tostring(other)
end

--- The first bytes of a text, without a piece of a character.
local function clipped(text, most)
    local last = most
    while last > most - 4 and (byte(text, last + 1) or 0) >= 0x80 and byte(text, last + 1) < 0xC0 do
        last = last - 1
    end
    return sub(text, 1, last)
end

local function key_text(key)
    if type(key) == "string" then
        return clipped(key, LONGEST_KEY)
    end
    return "[" .. (type(key) == "number" and format("%.14g", key) or type(key) == "boolean" and tostring(key)
        or "a " .. type(key)) .. "]"
end

local function text_of(value)
    local kind = type(value)
    if kind == "string" then
        return clipped(value, LONGEST_TEXT)
    elseif kind == "number" then
        return format("%.14g", value)
    elseif kind == "function" then
        local about = getinfo(value, "S")
        return byte(about.source, 1) == MODULE_FILE and format("%s:%d", sub(about.source, 2), about.linedefined) or ""
    elseif kind == "nil" or kind == "boolean" then
        return tostring(value)
    end
    return ""
end

--- A value as nodes { key, kind, text, entries, children }; tables are read raw, and none twice on one way down.
local function described(key, value, depth, walk)
    walk.nodes = walk.nodes + 1
    local node = { key = key, kind = type(value), text = text_of(value) }
    if type(value) ~= "table" then
        return node
    elseif walk.open[value] then
        node.text = "itself"
        return node
    end
    local keys, count = {}, 0
    for name in next, value do
        count = count + 1
        if count <= MOST_SORTED then
            keys[count] = name
        end
    end
    node.entries = count
    if depth >= DEEPEST then
        return node
    end
    sort(keys, comes_before)
    walk.open[value] = true
    node.children = {}
    for index = 1, count < MOST_ENTRIES and count or MOST_ENTRIES do
        if walk.nodes >= MOST_NODES then
            break
        end
        node.children[index] = described(key_text(keys[index]), rawget(value, keys[index]), depth + 1, walk)
    end
    walk.open[value] = nil
    return node
end

--- What a name leads to in a value, without calling anything of the module's.
local function member_of(value, name)
    for _ = 1, MOST_PARENTS do
        if type(value) == "table" and rawget(value, name) ~= nil then
            return rawget(value, name)
        end
        local meta = type(value) ~= "string" and getmetatable(value)
        value = type(meta) == "table" and rawget(meta, "__index") or nil
        if type(value) ~= "table" then
            return nil
        end
    end
end

---@param environment table of the module
---@param module table what the entry file returned
---@return { evaluate: fun(text: string): string, complete: fun(text: string): string }
return function(environment, module)
    local last ---@type any what the text before gave

    --- Names as a function of the module's would have them: its locals, then its globals; and `self` and `_`.
    local function scope_of(locals)
        local own = { self = module, _ = last }
        return setmetatable({}, {
            __index = function(_, name)
                local place = locals[name]
                if place then
                    return (select(2, getupvalue(place[1], place[2])))
                elseif own[name] ~= nil then
                    return own[name]
                end
                return environment[name]
            end,
            __newindex = function(_, name, value)
                local place = locals[name]
                if place then
                    setupvalue(place[1], place[2], value)
                else
                    environment[name] = value
                end
            end,
        })
    end

    local function shown(...)
        local walk, nodes = { nodes = 0, open = {} }, {}
        for index = 1, select("#", ...) do
            nodes[index] = described("", (select(index, ...)), 1, walk)
        end
        if select("#", ...) > 0 then
            last = (...)
        end
        return encode(nodes)
    end

    local function evaluate(text)
        local scope = scope_of(locals_of(module))
        local chunk, message = load("return " .. text, NAME, "t", scope)
        if not chunk then
            chunk, message = load(text, NAME, "t", scope)
        end
        if not chunk then
            error(message, 0)
        end
        return shown(chunk())
    end

    local function offered(names, prefix, only_functions)
        local found = {}
        for name, value in next, names do
            if type(name) == "string" and sub(name, 1, #prefix) == prefix and match(name, "^[%a_][%w_]*$")
                and (not only_functions or type(value) == "function") then
                found[#found + 1] = { name = name, kind = type(value) }
            end
        end
        sort(found, function(one, other)
            return one.name < other.name
        end)
        for index = #found, MOST_OFFERED + 1, -1 do
            found[index] = nil
        end
        return encode(found)
    end

    local function complete(text)
        local path, divider, prefix = match(text, "([%a_][%w_.]*)([.:])([%w_]*)$")
        local locals = locals_of(module)
        local known = { self = module }
        for name, value in next, environment do
            known[name] = value
        end
        for name, place in next, locals do
            known[name] = select(2, getupvalue(place[1], place[2]))
        end
        if not path then
            prefix = match(text, "([%a_][%w_]*)$")
            return prefix and offered(known, prefix) or encode({})
        end
        local value = known
        for name in gmatch(path, "[^.]+") do
            value = member_of(value, name)
        end
        if type(value) == "string" then
            value = environment.string
        end
        local names = {}
        for _ = 1, MOST_PARENTS do
            if type(value) ~= "table" then
                break
            end
            for name, member in next, value do
                names[name] = names[name] == nil and member or names[name]
            end
            local meta = getmetatable(value)
            value = type(meta) == "table" and rawget(meta, "__index") or nil
        end
        return offered(names, prefix, divider == ":")
    end

    return { evaluate = evaluate, complete = complete }
end
