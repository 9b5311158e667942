--- Coroutines that wait for the host: `host.async`, `host.sleep`, and whatever answers later.
---
--- What a coroutine waits for has a ticket of the host's. The coroutine yields it, through all coroutines of the
--- module's own that stand between; Python goes on with it, in a call of its own, once the answer is there.

local create, isyieldable, status, yield = coroutine.create, coroutine.isyieldable, coroutine.status, coroutine.yield
local error, format, rawequal, select, unpack = error, string.format, rawequal, select, unpack

local LONGEST_SLEEP = 2 ^ 31 -- milliseconds
local NO_ROOM = "not enough memory for the answer"
local ELSEWHERE = "%s waits, and cannot here: call it inside host.async(function() ... end)"

---@class Task
---@field id integer
---@field thread thread
---@field answers boolean whether somebody waits for what it returns
---@field begun boolean
---@field cancelled string? the error that each further wait raises
---@field outcome table? `n` and what `pcall` would give, once it ended

local function nothing() end

---@param guard table from guard.lua
---@param depth table from bounded.lua
---@param values table from values.lua
---@param port table<string, function> what Python answers
---@param answered fun(ok: boolean, ...): ... raises what was refused
---@param expect fun(kind: string, value: any, position: integer, where: string)
return function(guard, depth, values, port, answered, expect)
    local WAIT = depth.WAIT
    local tasks = {} ---@type table<integer, Task>
    local current ---@type Task? whose code runs
    local entered = 0 -- the guard's level when it was resumed: further in, other code of the module runs

    local reset = depth.reset
    function depth.reset()
        reset()
        current = nil
    end

    local function able()
        return current ~= nil and entered == guard.level() and isyieldable()
    end

    --- Give control back until there is an answer to a ticket: `true, shape, payload`, or `false` and why not.
    local function wait(ticket)
        return yield(WAIT, ticket)
    end

    --- Raise where what runs cannot wait, and where it was cancelled.
    local function refuse(where)
        if not able() then
            error(format(ELSEWHERE, where), 3)
        elseif current.cancelled then
            error(current.cancelled, 0)
        end
    end

    local function new_task(id, body, answers)
        local task = { id = id, answers = answers, begun = false }
        task.thread = create(function(...)
            return guard.through(nothing, body, ...)
        end)
        tasks[id] = task
        return task
    end

    --- What Python is told when a task gave control back: `"wait"` and a ticket, `"turn"` where it yielded by itself,
    --- `"done"` and what it returned; its error is raised.
    local function gave_back(task, ok, ...)
        if status(task.thread) == "suspended" then
            if rawequal((...), WAIT) then
                return "wait", (select(2, ...))
            end
            return "turn"
        end
        tasks[task.id] = nil
        task.outcome = { n = select("#", ...) + 1, ok, ... }
        if ok and task.answers then
            return "done", values.pack(...)
        elseif not ok and not (task.cancelled and rawequal((...), task.cancelled)) then
            guard.carried(task.thread, ...)
        end
        return "done"
    end

    local function stopped(task, outer, outer_entered, ...)
        current, entered = outer, outer_entered
        return gave_back(task, ...)
    end

    local function go_on(task, ...)
        local outer, outer_entered = current, entered
        current, entered = task, guard.level()
        task.begun = true
        return stopped(task, outer, outer_entered, depth.go_on(task.thread, ...))
    end

    local function let_go(task, ...)
        tasks[task.id] = nil
        task.outcome = task.outcome or { n = 2, false, task.cancelled }
        return ...
    end

    --- Go on with a task that waited: with its answer; or with what its wait raises, `ok` being false where that was
    --- refused, and nil where the task is cancelled, which is then its last turn.
    local function resume(id, ok, shape, payload)
        local task = tasks[id]
        if not task then
            return "done"
        elseif ok ~= nil then
            return go_on(task, ok, shape, payload)
        end
        task.cancelled = shape
        if not task.begun then
            return let_go(task, "done")
        end
        return let_go(task, go_on(task, false, shape))
    end

    --- Call a function in a task whose results somebody waits for.
    local function serve(id, body, shape, payload)
        return go_on(new_task(id, body, true), values.unpacked(shape, payload))
    end

    --- Take an answer to a request, which may come later; a refusal is raised.
    local function awaited(where, ok, shape, payload, back)
        if ok and shape == "wait" then
            if not able() then
                answered(port.forget(payload))
                return nil, format(ELSEWHERE, where)
            elseif current.cancelled then
                answered(port.forget(payload))
                error(current.cancelled, 0)
            end
            ok, shape, payload = wait(payload)
            back = payload
        end
        if ok then
            return values.unpacked(shape, payload)
        elseif ok == nil then
            return nil, shape or NO_ROOM
        elseif back then
            error(guard.came_back(back, shape), 0)
        end
        error(shape or NO_ROOM, 0)
    end

    --- `host.async(body, ...)`: run a function in a coroutine of its own, from the next turn of the host on.
    local function async(body, ...)
        expect("function", body, 1, "async")
        local id, why = answered(port.begin_task())
        if not id then
            return nil, why or "too many tasks"
        end
        local arguments, count = { ... }, select("#", ...)
        local task = new_task(id, function()
            return body(unpack(arguments, 1, count))
        end, false)
        return {
            --- Have its next wait, or the one that it is in, raise; whether it had not ended yet.
            cancel = function()
                if task.outcome or not tasks[id] then
                    return false
                end
                task.cancelled = task.cancelled or "cancelled"
                answered(port.cancel_task(id))
                return true
            end,
            --- Wait until it has ended: what `pcall` of its function would have given.
            wait = function()
                if not task.outcome and tasks[id] then
                    refuse("wait")
                    awaited("wait", port.join(id))
                end
                if task.outcome then
                    return unpack(task.outcome, 1, task.outcome.n)
                end
                return false, "it was ended"
            end,
        }
    end

    --- `host.sleep(ms)`.
    local function sleep(milliseconds)
        expect("number", milliseconds, 1, "sleep")
        if not (milliseconds >= 0 and milliseconds <= LONGEST_SLEEP) then
            error("bad argument #1 to 'sleep' (milliseconds from 0 to 2^31 expected)", 2)
        end
        refuse("host.sleep")
        awaited("host.sleep", port.sleep(milliseconds))
    end

    return {
        able = able,
        async = async,
        awaited = awaited,
        resume = resume,
        serve = serve,
        sleep = sleep,
        --- Forget a task that was ended from outside.
        drop = function(id)
            tasks[id] = nil
        end,
    }
end
