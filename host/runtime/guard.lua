--- Every way into a module's code leads through here: deadline, memory, faults.
---
--- A call over its time is ended by a count hook. The token it raises is sticky: until the outermost call has returned,
--- each further tick of the hook, and each `pcall`, `xpcall` and `resume` of the module that caught something, raises it
--- again, so no module can swallow it. Nothing is paid for a clock on the way in: the first tick of a call reads it.
--- The hook never raises inside this file, so the counters below are always restored.

local debug_frame, set_hook, memory_in_use = debug.getinfo, debug.sethook, collectgarbage
local error, type, select, xpcall, pcall = error, type, select, xpcall, pcall
local byte, sub, format = string.byte, string.sub, string.format
local rawget, setmetatable = rawget, setmetatable

local TICK = 10000 -- instructions between two looks at the clock, some 0.1 ms
local LONGEST_MESSAGE = 4000 -- bytes of an error's text that are kept
local FRAMES = 20 -- innermost frames that a traceback shows
local OUT_OF_MEMORY = "not enough memory"
local MODULE_FILE = byte("@") -- what a module's chunk names begin with; those of the host begin with "="

---@class Ports what the guard needs of Python
---@field clock fun(): number seconds of this thread's processor time

---@param clock fun(): number
---@param call_limit number seconds
---@param memory_limit integer bytes
return function(clock, call_limit, memory_limit)
    local depth = 0 -- guarded calls inside each other
    local started ---@type number? what the clock said at the first tick of the outermost call
    local over ---@type table? the token, once a limit was passed
    local noted = false -- whether a message handler saw the last error; none sees an allocation that failed
    local swept = 0 -- bytes in use after the last collection that a tick asked for
    local message, traceback, file, line -- the last fault
    local coroutine_depth ---@type table from bounded.lua
    local deadline_token = setmetatable({ kind = "deadline" }, { __metatable = false })
    local memory_token = setmetatable({ kind = "memory" }, { __metatable = false })

    --- Note the module's frames of the running coroutine, innermost first.
    local function note_frames(level)
        traceback, file, line = "", nil, nil
        local shown = 0
        for at = level + 1, level + 60 do
            local frame = debug_frame(at, "Sln")
            if not frame or shown >= FRAMES then
                return
            elseif byte(frame.source, 1) == MODULE_FILE then
                local path = sub(frame.source, 2)
                local name = frame.name and " in " .. sub(frame.name, 1, 80) or ""
                traceback = format("%s%s%s:%d:%s", traceback, shown > 0 and "\n" or "", path, frame.currentline, name)
                shown = shown + 1
                if not file then
                    file, line = path, frame.currentline
                end
            end
        end
    end

    --- Text of an error value, without calling anything of the module's.
    local function text_of(value)
        local kind = type(value)
        if kind == "string" then
            return sub(value, 1, LONGEST_MESSAGE)
        elseif kind == "number" or kind == "boolean" or kind == "nil" then
            return format("(error value: %s)", kind == "number" and format("%.14g", value) or value and "true" or kind)
        elseif kind == "table" and type(rawget(value, "message")) == "string" then
            return sub(rawget(value, "message"), 1, LONGEST_MESSAGE)
        end
        return format("(error value: a %s)", kind)
    end

    --- Message handler of the outermost frame: keeps what Python is told.
    local function describe(value)
        noted = true
        if value == nil or value ~= over then
            message = text_of(value)
            note_frames(2)
        end
        return value
    end

    local function note(value)
        noted = true
        return value
    end

    local function stop(token)
        over = token
        note_frames(3)
        message = token.kind
        error(token, 0)
    end

    local function in_guard()
        local frame = debug_frame(3, "S")
        return frame and frame.source == "=guard"
    end

    --- A look at clock and memory: every TICK instructions, and from what loops in C.
    local function tick()
        if depth == 0 or in_guard() then
            return
        elseif over then
            error(over, 0)
        end
        local now = clock()
        if not started then
            started = now
        elseif now - started > call_limit then
            stop(deadline_token)
        end
        local used = memory_in_use("count") * 1024
        if used > memory_limit * 0.8 and used > swept + memory_limit * 0.1 then
            memory_in_use("collect")
            swept = memory_in_use("count") * 1024
        end
    end

    --- What Python is told of a call that did not end well: kind, message, traceback, file, line.
    local function fault(value)
        local kind = "error"
        if over then
            kind = over.kind
        elseif not noted and value == OUT_OF_MEMORY then
            kind, message, traceback, file, line = "memory", "memory", "", nil, nil
        elseif not noted then
            message, traceback, file, line = text_of(value), "", nil, nil
        end
        noted = false
        if depth == 0 and kind == "memory" then
            memory_in_use("collect")
        end
        return kind, message, traceback, file, line
    end

    local function finished(ok, ...)
        depth = depth - 1
        if ok and not over then
            return true, ...
        end
        return false, fault(...)
    end

    --- Run code of the module: `true, results...` or `false, kind, message, traceback, file, line`.
    local function run(body, ...)
        if depth == 0 then
            started, over = nil, nil
            coroutine_depth.reset()
        end
        depth = depth + 1
        return finished(xpcall(body, describe, ...))
    end

    --- Make the ways into one function: for a plain value, and for packed ones. They return nothing, or a fault.
    ---
    --- Hot: a call of `scalar` costs 0.05 µs more than one of the bare function.
    local function protect(body, unpacked)
        local calls, faults = 0, 0

        local function scalar(value)
            calls = calls + 1
            if depth == 0 then
                started, over = nil, nil
            end
            depth = depth + 1
            local ok, caught = xpcall(body, describe, value)
            depth = depth - 1
            if ok and not over then
                return
            end
            faults = faults + 1
            return fault(caught)
        end

        local function packed(bytes, shape)
            calls = calls + 1
            if depth == 0 then
                started, over = nil, nil
            end
            depth = depth + 1
            local ok, caught = xpcall(unpacked, describe, body, bytes, shape)
            depth = depth - 1
            if ok and not over then
                return
            end
            faults = faults + 1
            return fault(caught)
        end

        local function counted(failed)
            calls = calls + 1
            faults = faults + (failed and 1 or 0)
        end

        return scalar, packed, counted, function()
            return calls, faults
        end
    end

    local function after_outside(before, ...)
        if before and started then
            started = started + (clock() - before)
        end
        if over then
            error(over, 0)
        end
        return ...
    end

    --- Wrap a function of Python: the time spent there is not the module's.
    local function outside(call)
        return function(...)
            return after_outside(started and clock(), call(...))
        end
    end

    local function caught(kept, ok, ...)
        if over then
            error(over, 0)
        elseif not ok then
            coroutine_depth.set(kept)
            if not noted and (...) == OUT_OF_MEMORY then
                stop(memory_token)
            end
            noted = false
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
        if type(handler) ~= "function" then
            error("bad argument #2 to 'xpcall' (function expected, got " .. type(handler) .. ")", 2)
        end
        return handled(handler, module_pcall(body, ...))
    end

    local function resumed(ok, ...)
        if over then
            error(over, 0)
        elseif not ok and (...) == OUT_OF_MEMORY then
            stop(memory_token)
        end
        return ok, ...
    end

    set_hook(tick, "", TICK)
    return {
        run = run,
        protect = protect,
        outside = outside,
        tick = tick,
        pcall = module_pcall,
        xpcall = module_xpcall,
        --- Make a `resume` from which no token escapes.
        resume = function(resume)
            return function(thread, ...)
                return resumed(resume(thread, ...))
            end
        end,
        --- Give the counter of nested coroutines, which is made after the guard.
        count_coroutines = function(counter)
            coroutine_depth = counter
        end,
        --- Python caught an error that no frame here saw: an allocation failed between two of them.
        recover = function()
            depth = depth > 0 and depth - 1 or 0
            noted = false
            pcall(memory_in_use, "collect")
        end,
        traceback = function(text)
            note_frames(2)
            local shown = type(text) == "string" and text .. "\n" or ""
            return shown .. "stack traceback:\n" .. traceback
        end,
    }
end
