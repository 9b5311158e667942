--- Every way into a module's code leads through here: deadline, memory, faults.
---
--- A call over its time is ended by a count hook. The token it raises is sticky: until the outermost call has ended,
--- each further tick of the hook, and each `pcall`, `xpcall` and `resume` that caught something for the module, raises
--- it again, so no module can swallow it. Nothing is paid for a clock on the way in: a call's second tick reads it.
--- The hook never raises inside this file, so the counters below are always restored; where one falls in here, the
--- next comes an instruction later, or a loop around `pcall` could have them all fall in here.
---
--- What a module sets in motion elsewhere (`emit`, the exports of others) is not its own time, but has a limit too:
--- modules that answer each other's events would else hold the host for as long as they like.

local debug_frame, set_hook, memory_in_use = debug.getinfo, debug.sethook, collectgarbage
local band = bit.band
local assert, error, type, select, xpcall, pcall = assert, error, type, select, xpcall, pcall
local byte, find, sub, format = string.byte, string.find, string.sub, string.format
local rawequal, rawget, setmetatable, tostring = rawequal, rawget, setmetatable, tostring

local LARGE = 4096 -- bytes
local ASKED = 2 -- calls of functions of Python between two looks at the clock
local TICK = 2000 -- instructions between two looks at the clock: 20 µs, or 2 s where each compares strings of 8 MB
local LONGEST_MESSAGE = 4000 -- bytes of an error's text that are kept
local FRAMES = 20 -- innermost frames that a traceback shows
local DEEPEST_FRAME = 300 -- among which they are looked for: the host's own may lie above
local MOST_KEPT = 64 -- error values that may come back
local OUT_OF_MEMORY = "not enough memory"
local MODULE_FILE = byte("@") -- what a module's chunk names begin with; those of the host begin with "="
local NO_STACK = { ["stack overflow"] = "stack overflow", ["error in error handling"] = "stack overflow" }
local TOO_DEEP = { "stack overflow", "pattern too complex" } -- how the messages end of what went too deep
local HOSTS_PLACE = "^%(host %l+%):%-?%d+: " -- before an error of the host's own, whose lines have no numbers

--- An error without the name of a host's file, which stands for the module's line where that was a tail call.
local function unplaced(value)
    local _, stop = find(type(value) == "string" and value or "", HOSTS_PLACE)
    return stop and sub(value, stop + 1) or value
end

--- Text of an error value, without calling anything of the module's.
local function text_of(value)
    local kind = type(value)
    if kind == "string" then
        return sub(value, 1, LONGEST_MESSAGE)
    elseif kind == "number" or kind == "boolean" or kind == "nil" then
        return format("(error value: %s)", tostring(value))
    elseif kind == "table" and type(rawget(value, "message")) == "string" then
        return sub(rawget(value, "message"), 1, LONGEST_MESSAGE)
    end
    return format("(error value: a %s)", kind)
end

local function ends_with(value, text)
    return type(value) == "string" and sub(value, -#text) == text
end

--- Whether an error's text is that of what went too deep; code of the module may say the same.
local function sounds_too_deep(value)
    return ends_with(value, TOO_DEEP[1]) or ends_with(value, TOO_DEEP[2])
end

--- Whether a dead coroutine ended because its own code called `error` or `assert`.
local function raised_by_code(thread)
    local frame = debug_frame(thread, 0, "f")
    return frame and (frame.func == error or frame.func == assert)
end

---@param clock fun(): number seconds of this thread's processor time
---@param call_limit number seconds of a call, without what it calls elsewhere
---@param chain_limit number seconds of what one call calls elsewhere
---@param memory_limit integer bytes
---@param watched boolean whether a count hook ends what takes too long; else whoever holds this process does
return function(clock, call_limit, chain_limit, memory_limit, watched)
    local depth = 0 -- guarded calls inside each other
    local started ---@type number|false? what the clock said at the first look of the outermost call; false until then
    local elsewhere = 0 -- seconds since then that were not the module's
    local left ---@type number? what the clock said when Python was entered, while it runs
    local away = 0 -- the depth at which Python was entered
    local over ---@type table? the token, once a limit was passed, until the outermost call has ended
    local unwound = 0 -- errors that were caught since then, on the way out
    local noted = false -- whether a message handler saw the last error; none sees an allocation that failed
    local asked = 0 -- calls of Python's functions since the last look at the clock
    local noted_kind ---@type string? which limit that no token stands for the last error told of
    local limit_kind, limit_text ---@type string?, string? the last such limit, and what the module was told
    local passing ---@type any an error on its way through host code, whose frames are noted
    local closely = false -- whether the hook looks at each instruction, because its tick fell into this file
    local sample ---@type function? told of each tick, while somebody looks what runs
    local swept = 0 -- bytes in use after the last collection that a tick asked for, or less
    local message, traceback, file, line -- the last fault
    local raised ---@type any the value of the last error that left this runtime
    local errors, last_kept = {}, 0 ---@type table<integer, { number: integer, value: any }>, integer
    local full_file, full_line ---@type string?, integer? where a tick saw this call near its memory's end
    local coroutine_depth ---@type table from bounded.lua
    local offered_scalar, offered_packed, offered_answer, offered_fields ---@type function, function, function, function
    local deadline_token = setmetatable({ kind = "deadline" }, { __metatable = false })
    local chain_token = setmetatable({ kind = "chain" }, { __metatable = false })
    local memory_token = setmetatable({ kind = "memory" }, { __metatable = false })
    local depth_token = setmetatable({ kind = "depth" }, { __metatable = false })

    --- Note the module's frames of the running coroutine, innermost first.
    local function note_frames()
        local shown = 0
        traceback, file, line = "", nil, nil
        for level = 2, DEEPEST_FRAME do
            local frame = debug_frame(level, "Sln")
            if not frame or shown >= FRAMES then
                return
            elseif byte(frame.source, 1) == MODULE_FILE then
                local path = sub(frame.source, 2)
                local name = frame.name and " in " .. sub(frame.name, 1, 80) or ""
                if shown == 0 then
                    file, line = path, frame.currentline
                end
                traceback = format("%s%s%s:%d:%s", traceback, shown > 0 and "\n" or "", path, frame.currentline, name)
                shown = shown + 1
            end
        end
    end

    --- Note the frames of what ended the call, where there was no stack left for that: looked for as errors are caught
    --- on the way out, at the 1st, the 2nd, the 4th... of them. In a deep stack a look takes 0.2 ms, and may find none.
    local function seek_frames()
        unwound = unwound + 1
        if band(unwound, unwound - 1) == 0 then
            note_frames()
        end
    end

    local function traceback_of(text)
        note_frames()
        local shown = type(text) == "string" and text .. "\n" or ""
        return shown .. "stack traceback:\n" .. traceback
    end

    --- Called by message handlers: end the call if it went too deep. There is little stack left to find out.
    local function end_too_deep(value)
        if not over and sounds_too_deep(value) then
            local raiser = debug_frame(3, "f")
            if raiser and raiser.func ~= error and raiser.func ~= assert then
                over, message, traceback, file, line = depth_token, value, "", nil, nil
                note_frames()
            end
        end
    end

    --- Message handler of the outermost frame: keeps what Python is told.
    local function describe(value)
        if not over and (value == nil or not rawequal(value, passing)) then
            message = text_of(value)
            noted = true -- what fails below, for want of stack or memory, leaves less to tell and nothing wrong
            noted_kind = limit_text and ends_with(value, limit_text) and limit_kind or nil
            message = unplaced(message)
            end_too_deep(value)
            note_frames()
        end
        noted = true
        return value
    end

    local function note(value)
        end_too_deep(value)
        noted = true
        return value
    end

    --- `debug.traceback` as a handler of `xpcall`: it sees the frames of the error.
    local function note_traceback(value)
        end_too_deep(value)
        if not over then
            value = traceback_of(unplaced(value))
        end
        noted = true
        return value
    end

    local function stop(token, text)
        over, message, traceback, file, line = token, text or token.kind, "", nil, nil
        note_frames()
        error(token, 0)
    end

    local function in_guard()
        local frame = debug_frame(3, "S")
        return frame and frame.source == "=(host guard)"
    end

    --- A look at clock and memory: every TICK instructions, and from what loops in C.
    local function tick()
        if depth == 0 then
            return
        elseif sample and not closely then
            pcall(sample, 5) -- with no memory left there is no sample
        end
        if started == nil then
            full_file, full_line = nil, nil
            started = false -- most calls end before their second tick: a look would cost each of them 0.05 µs
            return
        elseif in_guard() then
            if not closely then
                closely = true
                set_hook(tick, "", 1)
            end
            return
        elseif closely then
            closely = false
            set_hook(tick, "", TICK)
        end
        if over then
            error(over, 0)
        end
        local now = clock()
        if not started then
            started, elsewhere = now, 0
        elseif now - started - elsewhere > call_limit then
            stop(deadline_token)
        end
        local used = memory_in_use("count") * 1024
        if used < swept then
            swept = used
        elseif used > memory_limit * 0.8 and used > swept + memory_limit * 0.1 then
            memory_in_use("collect")
            swept = memory_in_use("count") * 1024
            if swept > memory_limit * 0.8 then
                note_frames()
                full_file, full_line = file, line
            end
        end
    end

    --- What Python is told of a call that did not end well: kind, message, traceback, file, line.
    local function fault(value)
        local kind = "error"
        if over then
            kind = over.kind
        elseif not noted and value == OUT_OF_MEMORY then
            kind, message, traceback, file, line = "memory", "memory", "", nil, nil
            if started ~= nil then -- else no tick looked
                file, line = full_file, full_line
            end
        elseif not noted then
            message, traceback, file, line = NO_STACK[value] or text_of(value), "", nil, nil
            if NO_STACK[value] then
                kind, over = "depth", depth > 0 and depth_token or nil -- there was no stack left to note it sooner
            end
        else
            kind = noted_kind or kind
        end
        raised = unplaced(value)
        noted, noted_kind, passing = false, nil, nil
        if depth == 0 then
            over, unwound, away, left, limit_text = nil, 0, 0, nil, nil
            coroutine_depth.reset()
            if kind == "memory" then
                memory_in_use("collect")
            end
        end
        return kind, message, traceback, file, line
    end

    --- A fault of which no frame tells the place: that of the function which was called.
    local function placed(body, kind, text, frames, where, number)
        if not where and type(body) == "function" then
            local defined = debug_frame(body, "S")
            if byte(defined.source, 1) == MODULE_FILE then
                where, number = sub(defined.source, 2), defined.linedefined
            end
        end
        return kind, text, frames, where, number
    end

    local function finished(before, kept, ok, ...)
        depth = before
        if before > 0 then
            left = clock()
        end
        if ok and not over then
            return true, ...
        end
        coroutine_depth.set(kept)
        return false, fault(...)
    end

    --- Run code of the module: `true, results...` or `false, kind, message, traceback, file, line`.
    local function run(body, ...)
        local before, kept = depth, 0
        if before == 0 then
            started, left, away = nil, nil, 0
            coroutine_depth.reset()
        else
            kept = coroutine_depth.get()
            elsewhere = elsewhere + (clock() - (left or clock()))
        end
        depth = before + 1
        return finished(before, kept, xpcall(body, describe, ...))
    end

    --- Make the ways into one function: for a plain value, and for packed ones. They return nothing, or a fault. The
    --- first is compiled again, for a table's fields, in fielded.lua.
    ---
    --- Hot: a call of `scalar` costs 0.05 µs more than one of the bare function.
    local function protect(body, unpacked)
        local calls, faults = 0, 0

        local function failed(caught)
            faults = faults + 1
            return placed(body, fault(caught))
        end

        local function nested(ok, ...)
            if not ok then
                faults = faults + 1
                return placed(body, ...)
            end
        end

        local function scalar(value)
            calls = calls + 1
            if depth ~= 0 then
                return nested(run(body, value))
            end
            started = nil
            depth = 1
            local ok, caught = xpcall(body, describe, value)
            depth = 0
            if not ok or over then
                return failed(caught)
            end
        end

        local function packed(bytes, shape)
            calls = calls + 1
            if depth ~= 0 then
                return nested(run(unpacked, body, bytes, shape))
            end
            started = nil
            depth = 1
            local ok, caught = xpcall(unpacked, describe, body, bytes, shape)
            depth = 0
            if not ok or over then
                return failed(caught)
            end
        end

        local function counted(did_fail)
            calls = calls + 1
            faults = faults + (did_fail and 1 or 0)
        end

        return scalar, packed, counted, function()
            return calls, faults
        end
    end

    --- What Python answers needs room in this runtime: with none left, its hand-over would end the process.
    local function make_room()
        if memory_in_use("count") * 1024 > memory_limit then
            memory_in_use("collect")
            if memory_in_use("count") * 1024 > memory_limit then
                stop(memory_token)
            end
        end
    end

    --- Remember a limit that ends the call only where the module lets it; gives what the module is told.
    local function limited(kind, text)
        limit_kind, limit_text = kind, text
        return text
    end

    local function settled(...)
        if over then
            error(over, 0)
        elseif (...) == false and select("#", ...) == 3 then
            limited(select(3, ...), (select(2, ...)))
        end
        return ...
    end

    --- Wrap a function of Python.
    local function outside(call)
        return function(...)
            make_room()
            return settled(call(...))
        end
    end

    --- Look at the clock, before something of Python: between two ticks there may be hundreds of such calls.
    local function look()
        local now = clock()
        asked = 0
        if not started then
            started, elsewhere = now, 0
        elseif not over and now - started - elsewhere > call_limit then
            stop(deadline_token)
        end
    end

    --- What a brief one answered: it takes longer only for what is large.
    local function weighed(...)
        local ok, shape, answer = ...
        if not ok or over then
            return settled(...)
        elseif type(answer) == "string" and #answer > LARGE then
            look()
        end
        return ok, shape, answer
    end

    --- Wrap a function of Python that takes shape and payload of what it is asked; as `outside`, in fewer steps.
    ---@param brief boolean whether it takes some microseconds at most, but for what is large
    local function direct(call, brief)
        return function(shape, payload)
            if memory_in_use("count") * 1024 > memory_limit then
                make_room()
            end
            if brief and (shape == nil or #payload <= LARGE) then
                return weighed(call(shape, payload))
            end
            asked = asked + 1
            if asked == ASKED then
                look()
            end
            return settled(call(shape, payload))
        end
    end

    local function returned(outer, ...)
        elsewhere = elsewhere + (clock() - left)
        left, away = nil, outer
        if not over and elsewhere > chain_limit then
            stop(chain_token)
        end
        return settled(...)
    end

    --- Wrap a function of Python that runs what is not this module's: the time is not its own.
    local function elsewhere_run(call)
        return function(...)
            make_room()
            local now, outer = clock(), away
            if not started then
                started, elsewhere = now, 0
            end
            left, away = now, depth
            return returned(outer, call(...))
        end
    end

    local function caught(kept, ok, ...)
        if over then
            if not file then
                seek_frames()
            end
            error(over, 0)
        elseif not ok then
            coroutine_depth.set(kept)
            if not noted and (...) == OUT_OF_MEMORY then
                stop(memory_token)
            elseif not noted and NO_STACK[(...)] then
                stop(depth_token, NO_STACK[(...)])
            end
            noted, passing = false, nil
            return false, unplaced((...))
        end
        return ok, ...
    end

    local function module_pcall(body, ...)
        return caught(coroutine_depth.get(), xpcall(body, note, ...))
    end

    local function handled(handler, ok, ...)
        if ok then
            return true, ...
        end
        return false, select(2, module_pcall(handler, (...)))
    end

    --- The handler runs after unwinding: inside it hooks would be off, and a loop there endless.
    local function module_xpcall(body, handler, ...)
        if handler == traceback_of then
            return caught(coroutine_depth.get(), xpcall(body, note_traceback, ...))
        elseif type(handler) ~= "function" then
            error("bad argument #2 to 'xpcall' (function expected, got " .. type(handler) .. ")", 2)
        end
        return handled(handler, module_pcall(body, ...))
    end

    local function passed(kept, undo, ok, ...)
        if ok then
            return ...
        end
        undo()
        caught(kept, false, ...)
        passing = ...
        error(passing, 0)
    end

    --- Keep the value of an error of a function that was handed out: whoever called that may raise it on, to here.
    --- Gives what Python is told, with the number that it is found by.
    local function keeping(ok, kind, text, ...)
        local value = raised
        raised = nil
        if ok or kind ~= "error" or value == nil then
            return ok, kind, text, ...
        end
        last_kept = last_kept + 1
        errors[last_kept % MOST_KEPT] = { number = last_kept, value = value }
        if type(value) ~= "string" then -- else two of them could not be told apart
            text = format("%s #%d", text, last_kept)
        end
        local frames, where, line_number = ...
        return ok, kind, text, frames, where, line_number, last_kept
    end

    --- The value of an error that came back, once; a text in its place where it was too long ago.
    local function came_back(number, text)
        local found = number and errors[number % MOST_KEPT]
        if not found or found.number ~= number then
            return text
        end
        errors[number % MOST_KEPT] = nil
        return found.value
    end

    if watched then
        set_hook(tick, "", TICK)
    end
    return {
        keeping = keeping,
        came_back = came_back,
        run = run,
        placed = placed,
        protect = protect,
        outside = outside,
        direct = direct,
        elsewhere = elsewhere_run,
        tick = tick,
        pcall = module_pcall,
        xpcall = module_xpcall,
        traceback = traceback_of,
        --- Call code of the module inside code of the host: an error calls `undo` and goes on, its frames as they were.
        through = function(undo, body, ...)
            return passed(coroutine_depth.get(), undo, xpcall(body, describe, ...))
        end,
        --- How many guarded calls stand inside each other.
        level = function()
            return depth
        end,
        --- Raise what ended a coroutine of the host's, its frames as they were.
        carried = function(thread, value)
            if over then
                error(over, 0)
            elseif value == OUT_OF_MEMORY and not raised_by_code(thread) then
                stop(memory_token)
            elseif sounds_too_deep(value) and not raised_by_code(thread) then
                stop(depth_token, value)
            end
            error(value, 0)
        end,
        --- Look at how a coroutine gave control back; no token escapes.
        resumed = function(thread, ok, ...)
            if over then
                error(over, 0)
            elseif not ok then
                passing = nil
                if (...) == OUT_OF_MEMORY and not raised_by_code(thread) then
                    stop(memory_token)
                elseif sounds_too_deep((...)) and not raised_by_code(thread) then
                    stop(depth_token, (...))
                end
                return false, unplaced((...))
            end
            return ok, ...
        end,
        limited = limited,
        --- Have each tick call something from now on, or nothing.
        watch = function(body)
            sample = body
        end,
        watched = watched,
        --- End the call: it went too deep.
        too_deep = function(text)
            stop(depth_token, text)
        end,
        --- Keep the ways that Python is about to fetch.
        offer = function(scalar, packed, answer, fields)
            offered_scalar, offered_packed, offered_answer, offered_fields = scalar, packed, answer, fields
        end,
        --- Here, where no tick raises: Python calls it while a call of the module is under way.
        offered = function()
            return offered_scalar, offered_packed, offered_answer, offered_fields
        end,
        --- Give the counter of nested coroutines, which is made after the guard.
        count_coroutines = function(counter)
            coroutine_depth = counter
        end,
        --- Python caught an error that no frame here saw: an allocation failed between two of them.
        recover = function()
            depth, noted, passing = away, false, nil
            if depth == 0 then
                over, unwound, left = nil, 0, nil
                coroutine_depth.reset()
            else
                left = clock()
            end
            pcall(memory_in_use, "collect")
        end,
    }
end
