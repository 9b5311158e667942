--- The globals of a module: Lua's own pure libraries, bounded, and nothing that leads out.

local bit, math, os = bit, math, os
local assert, collectgarbage, error, getfenv, getmetatable = assert, collectgarbage, error, getfenv, getmetatable
local ipairs, load, next, rawequal, rawget, rawset = ipairs, load, next, rawequal, rawget, rawset
local setfenv, setmetatable, tonumber, type = setfenv, setmetatable, tonumber, type
local byte, find, format, gsub, sub = string.byte, string.find, string.format, string.gsub, string.sub
local concat, date, debug_info, floor = table.concat, os.date, debug.getinfo, math.floor
local string_metatable = getmetatable("")

local LONGEST_SOURCE = 2 ^ 20 -- bytes that one `load` compiles
local SHORT_SOURCE = 4096 -- bytes that compile in no time
local LONGEST_STEP = 200 -- of a garbage collection, in kilobytes
local LONGEST_DATE = 500 -- bytes of a format
local CONVERSIONS = "[aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%%]"
local MODULE_FILE = byte("@") -- what a module's chunk names begin with

local function copied(library, ...)
    local copy = {}
    for _, name in ipairs({ ... }) do
        copy[name] = library[name]
    end
    return copy
end

--- `load`, `loadstring`: text only, into the module's environment.
local function loaders(environment, tick)
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
        if #source > SHORT_SOURCE then
            tick() -- the compiler is C: what it takes is seen here at the latest
        end
        local chunk_name = type(name) == "string" and " " .. gsub(sub(name, 1, 80), "^[@=]", "") or ""
        return load(source, "@(load)" .. chunk_name, "t", env == nil and environment or env)
    end

    return module_load, function(source, name)
        if type(source) ~= "string" then
            error("bad argument #1 to 'loadstring' (string expected, got " .. type(source) .. ")", 2)
        end
        return module_load(source, name)
    end
end

--- `getfenv`, `setfenv`: of the module's own functions only; all others show the module's environment.
local function environments(environment)
    --- The function that is meant, and whether it is of the module's files.
    local function own(target, where)
        local what = target
        if type(target) ~= "function" then
            what = floor(tonumber(target) or -1)
            if what < 0 then
                error(format("bad argument #1 to '%s' (function or level expected)", where), 3)
            end
            what = what + 2
        end
        local found = debug_info(what, "Sf")
        if not found then
            error(format("bad argument #1 to '%s' (invalid level)", where), 3)
        end
        return found.func, byte(found.source, 1) == MODULE_FILE
    end

    local function module_getfenv(target)
        if target == 0 then
            return environment
        end
        local found, is_own = own(target == nil and 1 or target, "getfenv")
        return is_own and getfenv(found) or environment
    end

    local function module_setfenv(target, table_)
        local found, is_own = own(target, "setfenv")
        if not is_own or target == 0 then
            error("'setfenv' cannot change the environment of given object", 2)
        end
        return (setfenv(found, table_))
    end

    return module_getfenv, module_setfenv
end

--- `os.date`: a short format of conversions that every C library knows; some end the process at any other.
local function module_date(template, ...)
    if type(template) == "string" then
        if #template > LONGEST_DATE then
            error("bad argument #1 to 'date' (format too long)", 2)
        end
        local rest = gsub(template, "%%" .. CONVERSIONS, "")
        if find(rest, "%", 1, true) then
            error("bad argument #1 to 'date' (invalid conversion specifier)", 2)
        end
    end
    return date(template, ...)
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
return function(guard, safe)
    local environment = {}

    environment._G = environment
    environment._VERSION = "Lua 5.1"
    environment.assert = assert
    environment.bit = copied(
        bit, "arshift", "band", "bnot", "bor", "bswap", "bxor", "lshift", "rol", "ror", "rshift", "tobit", "tohex"
    )
    environment.collectgarbage = garbage
    environment.coroutine = safe.coroutine
    environment.debug = { traceback = guard.traceback }
    environment.error = error
    environment.getfenv, environment.setfenv = environments(environment)
    environment.getmetatable = getmetatable
    environment.load, environment.loadstring = loaders(environment, guard.tick)
    environment.math = {}
    for name, member in next, math do
        environment.math[name] = member
    end
    environment.os = copied(os, "clock", "difftime", "time")
    environment.os.date = module_date
    environment.pcall, environment.xpcall = guard.pcall, guard.xpcall
    environment.rawequal, environment.rawget, environment.rawset = rawequal, rawget, rawset
    environment.setmetatable = setmetatable
    environment.string, environment.table = safe.string, safe.table
    environment.type = type
    for _, name in ipairs({ "ipairs", "next", "pairs", "select", "tonumber", "tostring", "unpack" }) do
        environment[name] = safe[name]
    end

    string_metatable.__index = safe.string
    string_metatable.__metatable = "locked"
    return environment
end
