--- What the host gives a module: `self`'s methods, `host`, `print`; `require` has a file of its own.

local concat, find, format = table.concat, string.find, string.format
local sort, sub = table.sort, string.sub
local collectgarbage, error, ipairs, next, pcall = collectgarbage, error, ipairs, next, pcall
local decode = require("string.buffer").decode
local rawset, select, setmetatable, type, unpack = rawset, select, setmetatable, type, unpack

local LONGEST_LINE = 8000 -- bytes of one log line
local LONGEST_DELAY = 2 ^ 31 -- milliseconds
local LONGEST_NAME = 200 -- bytes
local MOST_HOOKS, MOST_EXPORTS = 1000, 1000
local NO_ROOM = "not enough memory for the answer"
local TABLES = { exports = true, hooks = true }
local MEMBERS = {
    "init", "cleanup", "configure", "getState", "setState", "migrate", "validate", "pause", "resume", "health",
    "execute", "hooks", "exports",
}

local function expect(kind, value, position, where)
    if type(value) ~= kind then
        error(format("bad argument #%d to '%s' (%s expected, got %s)", position, where, kind, type(value)), 3)
    end
end

local function expect_event(value, where)
    if type(value) ~= "string" then
        error(format("bad argument #1 to '%s' (string expected, got %s)", where, type(value)), 3)
    elseif #value > LONGEST_NAME then
        error(format("bad argument #1 to '%s' (a name of at most %d bytes expected)", where, LONGEST_NAME), 3)
    elseif find(value, "%c") then
        error(format("bad argument #1 to '%s' (a name without control characters expected)", where), 3)
    end
end

---@param guard table from guard.lua
---@param values table from values.lua
---@param environment table from sandbox.lua
---@param identity { name: string, version: string }
---@param port table<string, function> what Python answers
---@param depth table from bounded.lua
---@param load_part fun(name: string): any
---@param run_face fun(name: string, code: string): any of a core module
---@return table what Python asks, function a call of a function of another module: its kind, owner, name, arguments
return function(guard, values, environment, identity, port, depth, load_part, run_face)
    local members = {} ---@type table<string, any> of the table that the entry file returned
    local exported = {} ---@type table<string, function> bodies of exports
    local natives = {} ---@type table<function, string> names of native functions, by what Lua calls
    local counters = {} ---@type table<function, function> of exports, by body: count a call and whether it failed
    local meters = {} ---@type table<integer, function> by registration: gives calls and faults
    local handed_tasks = {} ---@type table<integer, true?> calls under way of functions that were handed out
    local timed = setmetatable({}, { __mode = "k" }) ---@type table<function, true> what timers call
    local registered, hooks = {}, 0 ---@type table<string, table<function, integer>>, integer
    local module ---@type table what the entry file returned
    local console ---@type table?
    local sampling ---@type function?
    local fielded ---@type function? from fielded.lua, once a table is told by its fields
    local pending ---@type any the state that is being handed over
    local pack, unpacked = values.pack, values.unpacked
    local host = { log = {} }

    --- What Python is told of a call of the module's: a fault of which no frame tells the place lies in the function.
    local function told(body, ok, ...)
        if ok then
            return true, ...
        end
        return false, guard.placed(body, ...)
    end

    --- Offer Python the ways into a function, for what it is asked next: one for a plain value, for packed ones, one
    --- that answers, and what makes one for fields. Gives the function's meter.
    local function offer_ways(body)
        local scalar, packed, counted, meter = guard.protect(body, values.call_unpacked)
        local function fields(...)
            fielded = fielded or load_part("fielded")
            return fielded(scalar, ...)
        end
        local function finish(ok, ...)
            counted(not ok)
            return told(body, ok, ...)
        end
        local function answering(shape, payload)
            return pack(body(unpacked(shape, payload)))
        end
        local function filtering(shape, payload, rest_shape, rest)
            return pack(body(unpacked(shape, payload), unpacked(rest_shape, rest)))
        end
        local function answer(shape, payload, ...)
            if select("#", ...) == 0 then
                return finish(guard.run(answering, shape, payload))
            end
            return finish(guard.run(filtering, shape, payload, ...))
        end
        guard.offer(scalar, packed, answer, fields)
        return meter, counted
    end

    --- What Python answered; a refusal is raised where the module called, what came too often is nothing and why.
    local function answered(ok, ...)
        if ok then
            return ...
        elseif ok == nil then
            return nil, (...)
        end
        error((...) or NO_ROOM, 3)
    end

    local function crossed(ok, shape, payload, back)
        if ok then
            return unpacked(shape, payload)
        elseif ok == nil then
            return nil, shape or NO_ROOM
        elseif back then
            error(guard.came_back(back, shape), 0)
        end
        error(shape or NO_ROOM, 2)
    end

    local waiting ---@type table? from waiting.lua, once something may wait
    local function waits()
        waiting = waiting or load_part("waiting")(guard, depth, values, port, answered, expect)
        return waiting
    end

    --- Call a function of another module; a task waits where the other does.
    local function call(kind, owner, name, shape, payload)
        if waiting and waiting.able() then
            return waiting.awaited(name, port["begin_" .. kind](owner, name, shape, payload))
        end
        return crossed(port["call_" .. kind](owner, name, shape, payload))
    end

    --- What a native function answered, which may come later.
    local function arrived(owner, name, ok, shape, payload)
        if ok and shape == "wait" then
            return waits().awaited(owner .. "." .. name, ok, shape, payload)
        end
        return crossed(ok, shape, payload)
    end

    -- Hooks --------------------------------------------------------------------------------------------------------

    local function register(event, handler, priority)
        local known = registered[event] or {}
        registered[event] = known
        if known[handler] then
            return nil, format("already registered for %s", event)
        elseif hooks >= MOST_HOOKS then
            port.limited("hooks")
            return nil, format("more than %d hooks registered", MOST_HOOKS)
        end
        local meter = offer_ways(handler)
        local id, why = answered(port.register(event, priority))
        if not id then
            return nil, why
        end
        hooks, known[handler], meters[id] = hooks + 1, id, meter
        return true
    end

    local function register_hook(_, event, handler, options)
        expect_event(event, "registerHook")
        expect("function", handler, 2, "registerHook")
        local priority = 0
        if options ~= nil then
            expect("table", options, 3, "registerHook")
            priority = options.priority or 0
            expect("number", priority, 3, "registerHook")
        end
        return register(event, handler, priority)
    end

    local function unregister_hook(_, event, handler)
        expect("string", event, 1, "unregisterHook")
        expect("function", handler, 2, "unregisterHook")
        local id = registered[event] and registered[event][handler]
        if not id then
            return nil, format("not registered for %s", event)
        end
        hooks, registered[event][handler], meters[id] = hooks - 1, nil, nil
        answered(port.unregister(id))
        return true
    end

    -- What it may ask ----------------------------------------------------------------------------------------------

    function host.emit(event, ...)
        expect_event(event, "emit")
        return crossed(port.emit(event, pack(...)))
    end

    function host.filter(event, value, ...)
        expect_event(event, "filter")
        local shape, payload = pack(value)
        return crossed(port.filter(event, shape, payload, pack(...)))
    end

    local function schedule(where, delay, body, repeating)
        expect("number", delay, 1, where)
        expect("function", body, 2, where)
        if not (delay >= 0 and delay <= LONGEST_DELAY) then
            error(format("bad argument #1 to '%s' (milliseconds from 0 to 2^31 expected)", where), 2)
        end
        local id
        local function once()
            meters[id] = nil
            body()
        end
        local meter = offer_ways(repeating and body or once)
        local why
        id, why = answered(port.schedule(delay, repeating))
        if not id then
            return nil, why or "too many timers"
        end
        meters[id], timed[body] = meter, true
        return {
            cancel = function()
                meters[id] = nil
                return (answered(port.cancel(id)))
            end,
        }
    end

    function host.after(delay, body)
        return schedule("after", delay, body, false)
    end

    function host.every(delay, body)
        return schedule("every", delay, body, true)
    end

    function host.async(body, ...)
        return waits().async(body, ...)
    end

    function host.sleep(milliseconds)
        return waits().sleep(milliseconds)
    end

    function host.asset(path)
        expect("string", path, 1, "asset")
        local ok, bytes = port.asset(path)
        if ok then
            return bytes
        end
        return nil, bytes or "not enough memory for the file"
    end

    local panel ---@type function? from panels.lua, once one is shown
    host.ui = {
        panel = function(declaration)
            panel = panel or load_part("panels")(values, port, answered, expect, offer_ways, function(id, meter)
                meters[id] = meter
            end)
            return panel(declaration)
        end,
    }

    local function line_of(...)
        local parts, room = {}, LONGEST_LINE
        for index = 1, select("#", ...) do
            parts[index] = values.rendered((select(index, ...)), room, 0)
            room = room - #parts[index] - 1
            if room <= 0 then
                break
            end
        end
        return sub(concat(parts, "\t"), 1, LONGEST_LINE)
    end

    for _, level in ipairs({ "debug", "info", "warn", "error" }) do
        host.log[level] = function(...)
            local logged, why = answered(port.log(level, line_of(...)))
            return logged, why
        end
    end

    local compile, proxies, freezing
    local function freezer()
        freezing = freezing or load_part("freezing")(environment, proxies, values)
        return freezing
    end

    --- Run the face of a core module, which is the host's here: it asks its native part, with plain values.
    local function face(owner, code)
        local function native(name, ...)
            return arrived(owner, name, port.face_call(owner, name, ...))
        end
        return run_face(owner, code)({ native = native, freezer = freezer(), pcall = guard.pcall })
    end

    environment.require, compile, proxies = load_part("requiring")(guard, environment, identity.name, port, {
        answered = answered,
        arrived = arrived,
        call = call,
        expect = expect,
        face = face,
        pack = pack,
    })
    environment.host = host
    environment.print = host.log.info

    -- What Python asks ---------------------------------------------------------------------------------------------

    local function adopt(result)
        if type(result) ~= "table" then
            error(format("the entry file returned %s, and must return a table",
                result == nil and "nothing" or "a " .. type(result)), 0)
        end
        for _, name in ipairs(MEMBERS) do
            local member = result[name]
            local wanted = TABLES[name] and "table" or "function"
            if member ~= nil and type(member) ~= wanted then
                error(format("%s is a %s, and must be a %s", name, type(member), wanted), 0)
            end
            members[name] = member
        end
        module = result
        rawset(module, "name", identity.name)
        rawset(module, "version", identity.version)
        rawset(module, "registerHook", register_hook)
        rawset(module, "unregisterHook", unregister_hook)
    end

    --- Names of the functions in a table that the module declared.
    local function declared(what, most)
        local names = {}
        for name, body in next, members[what] or {} do
            if type(name) ~= "string" then
                error(format("%s has a %s for a name", what, type(name)), 0)
            elseif #name > LONGEST_NAME then
                error(format("%s.%s... has a name of more than %d bytes", what, sub(name, 1, 40), LONGEST_NAME), 0)
            elseif find(name, "%c") then
                error(format("%s has a name with control characters: %q", what, sub(name, 1, 40)), 0)
            elseif type(body) ~= "function" then
                error(format("%s.%s is a %s, and must be a function", what, sub(name, 1, 80), type(body)), 0)
            elseif #names >= most then
                error(format("%s has more than %d entries", what, most), 0)
            end
            names[#names + 1] = name
        end
        sort(names)
        return names
    end

    local function stage()
        for _, name in ipairs(declared("exports", MOST_EXPORTS)) do
            local body = members.exports[name]
            local meter, counted = offer_ways(body)
            meters[answered(port.export(name, natives[body]))] = meter
            exported[name], counters[body] = body, counted
        end
        for _, event in ipairs(declared("hooks", MOST_HOOKS)) do
            register(event, members.hooks[event], 0)
        end
    end

    local function run_entry(entry)
        local chunk, message = compile(entry, answered(port.source(entry)))
        if not chunk then
            error(message, 0)
        end
        adopt(chunk())
        stage()
    end

    local function verdict(said, reason)
        if said == false or said == nil and type(reason) == "string" then
            return false, type(reason) == "string" and sub(reason, 1, LONGEST_LINE) or "it gave no reason"
        end
        return true
    end

    --- What `validate` says: true, or nothing at all; false or nil, and a reason. Anything else is a mistake.
    local function valid(...)
        local said, reason = ...
        if said == true or said == nil and reason == nil then
            return true
        elseif said == nil or said == false then
            return verdict(false, reason)
        end
        error(format("validate returned a %s, and must return true, or false and a reason", type(said)), 0)
    end

    --- Call a member that is told something: nothing or true; false or nil, and a reason.
    local function lifecycle(member, shape, payload)
        local argument = unpacked(shape, payload)
        if member == "init" or member == "configure" then
            rawset(module, "config", argument or {})
            argument = module.config
        end
        if not members[member] then
            return true
        end
        local judge = member == "validate" and valid or verdict
        return judge(members[member](module, argument))
    end

    local function migrate(from)
        local result, reason = members.migrate(module, pending, from)
        if type(result) ~= "table" then
            if not result and type(reason) == "string" then
                error("migrate refused: " .. sub(reason, 1, LONGEST_LINE), 0)
            end
            error(format("migrate returned %s, and must return a table: the state",
                result == nil and "nothing" or "a " .. type(result)), 0)
        end
        values.look_at(result, "the migrated state")
        pending = result
    end

    local function call_answer(body, shape, payload)
        return pack(body(unpacked(shape, payload)))
    end

    local function guarded(body)
        return function(...)
            return guard.run(body, ...)
        end
    end

    --- As `guarded`, for what calls a member: the one that its first argument names, or always the same.
    local function guarded_member(body, known)
        return function(...)
            return told(members[known or (...)], guard.run(body, ...))
        end
    end

    local function consoled()
        console = console or load_part("console")(environment, module)
        return console
    end

    --- Call something in a task; its body is an export's, that of a function that was handed out, `execute`, or what
    --- runs a text of the console and gives what that gave as a tree.
    local function served(id, kind, name, shape, payload)
        local body
        if kind == "export" then
            body = exported[name]
        elseif kind == "handed" then
            body = values.handed(name)
        elseif kind == "text" then
            body = consoled().evaluate
        else
            function body(...)
                return members.execute(module, ...)
            end
        end
        return waits().serve(id, body, shape, payload)
    end

    --- What became of a call in a task: it is counted where it began.
    local function served_so(id, kind, name, ok, ...)
        local body = kind == "export" and exported[name] or kind == "execute" and members.execute or nil
        if counters[body] then
            counters[body](not ok)
        end
        if not ok then
            waits().drop(id)
        end
        if kind == "handed" then
            handed_tasks[id] = ok and ... ~= "done" or nil
            return guard.keeping(ok, ...)
        end
        return told(body, ok, ...)
    end

    local function went_on(id, ok, state, ...)
        local was_handed = handed_tasks[id]
        if not ok or state == "done" then
            handed_tasks[id] = nil
        end
        if not ok then
            waits().drop(id)
            if was_handed then
                return guard.keeping(ok, state, ...)
            end
        end
        return ok, state, ...
    end

    --- What a function was registered as, if it was.
    local function label_of(body)
        if timed[body] then
            return "timer"
        end
        for event, known in next, registered do
            if known[body] then
                return "hook " .. event
            end
        end
        for name, exporting in next, exported do
            if exporting == body then
                return "export " .. name
            end
        end
        for name, member in next, members do
            if member == body then
                return name
            end
        end
    end

    local function current_state(briefly)
        local state = members.getState(module)
        if type(state) ~= "table" then
            error(format("state is %s, and must be a table", state == nil and "nothing" or "a " .. type(state)), 0)
        end
        return values.snapshot(state, "state", briefly)
    end

    return {
        --- Compile one file of the module: nothing, or why not.
        check = guarded(function(path)
            local _, message = compile(path, answered(port.source(path)))
            return message
        end),
        --- Give a core module what its `native.py` has, as `host.native`, and what a function that was handed to it is
        --- kept as in its state: `host.reference(body)`, `host.referred(text)`.
        offer = guarded(function(run, ...)
            host.native = {}
            host.reference, host.referred = values.referring(run)
            for _, name in ipairs({ ... }) do
                local function call_native(...)
                    return arrived(identity.name, name, port.native(name, pack(...)))
                end
                host.native[name], natives[call_native] = call_native, name
            end
        end),
        --- Run the entry file; the names of the members that it has.
        start = guarded(function(entry)
            run_entry(entry)
            local names = {}
            for _, name in ipairs(MEMBERS) do
                names[#names + 1] = members[name] ~= nil and name or nil
            end
            return unpack(names)
        end),
        --- The ways into the function that is being registered. Python asks for them, rather than being handed them:
        --- lupa ties a function to the coroutine it came from, and uses that when it is long gone.
        ways = guard.offered,
        lifecycle = guarded_member(lifecycle),
        get_state = guarded_member(current_state, "getState"),
        --- Take a snapshot in, to be migrated and set. All of it is needed: a collection meanwhile would find nothing.
        receive = guarded(function(bytes)
            collectgarbage("stop")
            local ok, value = pcall(decode, bytes)
            collectgarbage("restart")
            if not ok then
                error(value, 0)
            end
            pending = value
        end),
        migrate = guarded_member(migrate, "migrate"),
        set_state = guarded_member(function()
            local state = pending
            pending = nil
            return verdict(members.setState(module, state))
        end, "setState"),
        --- Call a member that is asked something: what it returned.
        ask = guarded_member(function(member, shape, payload)
            return pack(members[member](module, unpacked(shape, payload)))
        end),
        call_handed = function(id, shape, payload)
            return guard.keeping(guard.run(function()
                return call_answer(values.handed(id), shape, payload)
            end))
        end,
        --- Begin a call in a task: `"done"` and what it returned, or `"wait"` and a ticket, or `"turn"`.
        serve = function(id, kind, name, shape, payload)
            return served_so(id, kind, name, guard.run(served, id, kind, name, shape, payload))
        end,
        --- Begin a job, as `serve`: a function that the face of a core module froze in another runtime of the module.
        job = function(id, owner, image, arguments)
            return went_on(id, guard.run(function()
                environment.require(owner)
                return waits().serve(id, freezer().thawed(image, arguments))
            end))
        end,
        --- Go on with a task; as `serve`.
        go_on = function(id, ...)
            return went_on(id, guard.run(waits().resume, id, ...))
        end,
        --- Calls and faults of one registration since it was made.
        meter = function(id)
            if meters[id] then
                return meters[id]()
            end
            return 0, 0
        end,
        --- How text of the console could go on.
        complete = guarded(function(text)
            return consoled().complete(text)
        end),
        --- Note what runs from now on, or no longer; what was noted since the call before, encoded.
        sample = guarded(function(on)
            sampling = sampling or load_part("sampling")(guard.watch, guard.watched, label_of)
            return sampling(on)
        end),
        recover = guard.recover,
    }, call
end
