--- The globals of a module: Lua's own pure libraries, bounded, and nothing that leads out.

local bit, math, os = bit, math, os
local assert, error, getfenv, getmetatable, ipairs = assert, error, getfenv, getmetatable, ipairs
local load, next, pairs, rawequal, rawget, rawset = load, next, pairs, rawequal, rawget, rawset
local setfenv, setmetatable, type, collectgarbage = setfenv, setmetatable, type, collectgarbage
local byte, concat, sub = string.byte, table.concat, string.sub
local string_metatable = getmetatable("")

local LONGEST_SOURCE = 2 ^ 20 -- bytes that one `load` compiles
local LONGEST_STEP = 200 -- of a garbage collection, in kilobytes

local function copied(library, ...)
    local copy = {}
    for _, name in ipairs({ ... }) do
        copy[name] = library[name]
    end
    return copy
end

--- `load`, `loadstring`: text only, into the module's environment.
local function loaders(environment)
    local function gathered(reader)
        local pieces, size = {}, 0
        while true do
            local piece = reader()
            if piece == nil or piece == "" then
                return concat(pieces)
            elseif type(piece) ~= "string" then
                error("reader function must return a string", 3)
            end
            size = size + #piece
            pieces[#pieces + 1] = piece
            if size > LONGEST_SOURCE then
                error("chunk too large to load", 3)
            end
        end
    end

    local function module_load(chunk, name, _, env)
        local source = type(chunk) == "function" and gathered(chunk) or chunk
        if type(source) ~= "string" then
            error("bad argument #1 to 'load' (string or function expected, got " .. type(chunk) .. ")", 2)
        elseif #source > LONGEST_SOURCE then
            return nil, "chunk too large to load"
        elseif byte(source, 1) == 27 then
            return nil, "attempt to load bytecode, which modules may not"
        end
        local chunk_name = type(name) == "string" and sub(name, 1, 80) or "=(load)"
        if byte(chunk_name, 1) == 64 or byte(chunk_name, 1) == 61 then
            chunk_name = "(load) " .. sub(chunk_name, 2)
        end
        return load(source, "@" .. chunk_name, "t", env == nil and environment or env)
    end

    return module_load, function(source, name)
        if type(source) ~= "string" then
            error("bad argument #1 to 'loadstring' (string expected, got " .. type(source) .. ")", 2)
        end
        return module_load(source, name)
    end
end

--- `getfenv`, `setfenv`: the module's own functions only; everything else shows the module's environment.
local function environments(environment, hosts)
    local function foreign(found)
        for _, globals in ipairs(hosts) do
            if rawequal(found, globals) then
                return true
            end
        end
        return next(found) == nil and not rawequal(found, environment)
    end

    local function shown(found)
        return foreign(found) and environment or found
    end

    local function module_getfenv(target)
        if type(target) == "function" then
            return shown(getfenv(target))
        elseif target == 0 then
            return environment
        end
        return shown(getfenv((target or 1) + 1))
    end

    local function module_setfenv(target, table_)
        if type(target) == "number" and target > 0 then
            target = target + 1
        elseif type(target) ~= "function" then
            error("bad argument #1 to 'setfenv' (function or level above 0 expected)", 2)
        end
        if foreign(getfenv(target)) then
            error("'setfenv' cannot change the environment of given object", 2)
        end
        return setfenv(target, table_)
    end

    return module_getfenv, module_setfenv
end

local function garbage(option, amount)
    if option == nil or option == "count" then
        return collectgarbage("count")
    elseif option == "step" or option == "collect" then
        local size = type(amount) == "number" and amount > 0 and amount or LONGEST_STEP
        collectgarbage("step", size < LONGEST_STEP and size or LONGEST_STEP)
        return 0
    end
    error("bad argument #1 to 'collectgarbage' ('count' or 'step' expected)", 2)
end

---@param guard table from guard.lua
---@param safe table from bounded.lua
---@param hosts table[] the globals that no module may see
return function(guard, safe, hosts)
    local environment = {}
    local resume = guard.resume(safe.coroutine.resume)
    local coroutines = copied(safe.coroutine, "create", "isyieldable", "running", "status", "wrap", "yield")
    coroutines.resume = resume

    environment._G = environment
    environment._VERSION = "Lua 5.1"
    environment.assert = assert
    environment.bit = copied(
        bit, "arshift", "band", "bnot", "bor", "bswap", "bxor", "lshift", "rol", "ror", "rshift", "tobit", "tohex"
    )
    environment.collectgarbage = garbage
    environment.coroutine = coroutines
    environment.debug = { traceback = guard.traceback }
    environment.error = error
    environment.getfenv, environment.setfenv = environments(environment, hosts)
    environment.getmetatable = getmetatable
    environment.load, environment.loadstring = loaders(environment)
    environment.math = {}
    for name, member in next, math do
        environment.math[name] = member
    end
    environment.os = copied(os, "clock", "date", "difftime", "time")
    environment.pcall, environment.xpcall = guard.pcall, guard.xpcall
    environment.rawequal, environment.rawget, environment.rawset = rawequal, rawget, rawset
    environment.setmetatable = setmetatable
    environment.string, environment.table = safe.string, safe.table
    environment.type = type
    for _, name in ipairs({ "ipairs", "next", "pairs", "select", "tonumber", "tostring", "unpack" }) do
        environment[name] = safe[name]
    end
    environment.table.unpack = nil

    string_metatable.__index = safe.string
    string_metatable.__metatable = "locked"
    return environment
end
