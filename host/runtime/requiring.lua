--- `require`: the exports of other modules, bound late, and the files of the module itself.

local error, format, gsub, load, match = error, string.format, string.gsub, load, string.match
local select, setmetatable, sub, type = select, setmetatable, string.sub, type

local LOADING = {}
local SHORT = 1000 -- bytes of a text that crosses without a look at limits
local WEAK_KEYS = { __mode = "k" }

---@param guard table from guard.lua
---@param environment table of the module
---@param own_name string of the module
---@param port table<string, function> what Python answers
---@param crossing table<string, function> `expect` a type, `pack` values, take what was `answered` or `arrived`,
--- `call` another, run the `face` of a core module
---@return function require, function compile a file of the module, table proxies what stands for others: by itself
return function(guard, environment, own_name, port, crossing)
    local answered, arrived, call = crossing.answered, crossing.arrived, crossing.call
    local expect, pack = crossing.expect, crossing.pack
    local loaded = {} ---@type table<string, any> own files by name
    local proxies = setmetatable({}, WEAK_KEYS) ---@type table<table|function, string[]> owner, and name of an export

    local function export_of(owner, name)
        return function(...)
            return call("export", owner, name, pack(...))
        end
    end

    --- A native function of another module, which answers by itself as long as that module is the same.
    local function native_of(owner, name, direct, brief)
        direct = guard.direct(direct, brief)
        local function given(shape, payload, ok, kind, answer)
            if ok and kind == nil then
                return answer
            elseif ok and kind == "gone" then
                return call("export", owner, name, shape, payload)
            end
            return arrived(owner, name, ok, kind, answer)
        end
        local function direct_call(shape, payload)
            return given(shape, payload, direct(shape, payload))
        end
        return function(...)
            local value = ...
            if type(value) == "string" and #value < SHORT and select("#", ...) == 1 then
                return given(nil, value, direct(nil, value))
            end
            return direct_call(pack(...))
        end
    end

    --- The exports of a module. Those that were found once are known as long as that module is the same.
    local function proxy_of(owner)
        local stands ---@type function? whether it is
        local known = {} ---@type table<string, function>

        local function find(name)
            if not answered(port.has_export(owner, name)) then
                return nil
            end
            local standing, direct, brief = answered(port.bind(owner, name))
            local body = direct and native_of(owner, name, direct, brief) or export_of(owner, name)
            proxies[body] = { owner, name }
            if standing then
                stands, known[name] = standing, body
            end
            return body
        end

        return setmetatable({}, {
            __index = function(_, name)
                if stands and not stands() then
                    stands, known = nil, {}
                end
                return known[name] or (type(name) == "string" and find(name) or nil)
            end,
            __newindex = function()
                error(format("the exports of %s cannot be changed", owner), 2)
            end,
            __metatable = "exports of " .. owner,
        })
    end

    local function compile(path, source)
        return load(source, "@" .. own_name .. "/" .. path, "t", environment)
    end

    local function own_file(name)
        if not match(name, "^[%w_]+[%w_.]*$") or match(name, "%.%.") then
            error(format("module %q not found: names are words with dots between them", sub(name, 1, 80)), 2)
        end
        local stem = gsub(name, "%.", "/")
        local path = stem .. ".lua"
        local source = answered(port.source(path))
        if not source then
            path = stem .. "/init.lua"
            source = answered(port.source(path))
        end
        if not source then
            error(format("module %q not found: %s declares no such dependency and has no %s.lua", name,
                own_name, stem), 2)
        end
        local chunk, message = compile(path, source)
        if not chunk then
            error(message, 0)
        end
        loaded[name] = LOADING
        local result = guard.through(function()
            loaded[name] = nil
        end, chunk, name)
        loaded[name] = result == nil and true or result
        return loaded[name]
    end

    local function require(name)
        expect("string", name, 1, "require")
        if loaded[name] == LOADING then
            error(format("%s requires itself, directly or through others", name), 2)
        elseif loaded[name] == nil then
            local dependency = answered(port.dependency(name))
            if dependency == "absent" then
                return nil, name .. " is not loaded"
            elseif not dependency then
                return own_file(name)
            end
            local face = answered(port.face(name))
            loaded[name] = face and crossing.face(name, face) or proxy_of(name)
            proxies[loaded[name]] = { name }
        end
        return loaded[name]
    end

    return require, compile, proxies
end
