--- Puts a runtime together; Python runs this first and keeps what it returns. See `inprocess.py`.

local load, next, setfenv, setmetatable = load, next, setfenv, setmetatable
local globals = _G

-- What runs code that is not this module's, so that its time is not this module's either.
local ELSEWHERE = {
    begin_export = true, begin_handed = true, call_export = true, call_handed = true, emit = true, filter = true,
    native = true,
}

---@param read_part fun(name: string): string bytecode of a file beside this one
---@param clock fun(): number seconds: of this thread's processor time, or of real time in a process of its own
---@param port_of fun(request: string): function what Python answers, by name
---@param call_limit number seconds of a call, without what it calls elsewhere
---@param chain_limit number seconds of what one call calls elsewhere
---@param memory_limit integer bytes
---@param most_bytes integer of a string that is built
---@param serial integer of the instance
---@param watched boolean whether a count hook ends what takes too long
---@param ... integer limits of what crosses: bytes, entries, depth
return function(
    read_part, clock, port_of, name, version, call_limit, chain_limit, memory_limit, most_bytes, serial, watched, ...
)
    local crossing = {}
    crossing.crossing, crossing.entries, crossing.depth = ...
    local originals = {} -- what the host's own files see, those too that are read when they are first needed
    for known, value in next, globals do
        originals[known] = value
    end

    local function load_part(part)
        return setfenv(load(read_part(part), "=(host " .. part .. ")", "b"), originals)()
    end

    --- The face of a core module that this one needs is the host's own code in here.
    local function run_face(owner, code)
        return setfenv(load(code, "=(host " .. owner .. ")", "b"), originals)()
    end

    local guard = load_part("guard")(clock, call_limit, chain_limit, memory_limit, watched)
    port_of = guard.outside(port_of)
    local port = setmetatable({}, {
        __index = function(known, request)
            known[request] = (ELSEWHERE[request] and guard.elsewhere or guard.outside)(port_of(request))
            return known[request]
        end,
    })
    local safe = load_part("bounded")({
        max_bytes = most_bytes,
        tick = guard.tick,
        load_part = load_part,
        resumed = guard.resumed,
        too_deep = guard.too_deep,
    })
    guard.count_coroutines(safe.depth)
    local contract, calling
    local values = load_part("values")(serial, function(...)
        return calling("handed", ...)
    end, crossing, function(limit, text)
        port.limited(limit)
        return guard.limited("size", text)
    end)
    local environment = load_part("sandbox")(guard, safe)
    local identity = { name = name, version = version }
    contract, calling = load_part("contract")(
        guard, values, environment, identity, port, safe.depth, load_part, run_face
    )
    load_part("otclient")(environment)

    -- Nothing of the real globals is needed any more. lupa looks `debug` up, unprotected, at each call: it finds the
    -- name, which it need not make room for, and no `traceback`, which would be looked up, too, and never called.
    for known in next, globals do
        globals[known] = nil
    end
    globals.debug = false
    return contract
end
