--- What modules and their jobs get from `require("goroutine")`; it runs in their runtimes, and asks `native.py`.

local concat, floor, format, sub = table.concat, math.floor, string.format, string.sub
local error, getmetatable, ipairs, newproxy, rawget = error, getmetatable, ipairs, newproxy, rawget
local select, setmetatable, type, unpack = select, setmetatable, type, unpack

local LONGEST = 2 ^ 31 -- milliseconds
local LARGEST = 2 ^ 53
local MOST_CAPACITY, MOST_AT_ONCE, MOST_QUEUED, MOST_WORKERS = 1e6, 1000, 1e5, 256
local LONGEST_NAME = 200 -- bytes of a pool's
local WORKERS, QUEUE = 4, 1000 -- of a pool that asks for nothing else
local AT_ONCE = 200 -- numbers that one question holds
local BETWEEN = 10 -- values that wait between two stages of a pipeline
local WELL = "+" -- what an outcome begins with, before what was returned

local function expect(kind, value, position, where)
    if type(value) ~= kind then
        error(format("bad argument #%d to '%s' (%s expected, got %s)", position, where, kind, type(value)), 3)
    end
end

local function whole(value, least, most)
    return type(value) == "number" and value >= least and value <= most and value == floor(value)
end

local function expect_whole(value, least, most, position, where)
    if not whole(value, least, most) then
        local text = "bad argument #%d to '%s' (a whole number from %.0f to %.0f expected)"
        error(format(text, position, where, least, most), 3)
    end
end

local function expect_time(value, position, where)
    if type(value) ~= "number" or not (value >= 0 and value <= LONGEST) then
        error(format("bad argument #%d to '%s' (milliseconds from 0 to 2^31 expected)", position, where), 3)
    end
end

---@param given { native: fun(name: string, ...): any, freezer: table, pcall: fun(...): ... }
return function(given)
    local native, frozen, pcall = given.native, given.freezer.frozen, given.pcall
    local packed, unpacked = given.freezer.packed, given.freezer.unpacked
    local goroutine = {}

    local function class(name, methods)
        return { __index = methods, __metatable = name, __name = name }
    end

    -- What is garbage here is let go by the host, too: it holds each thing for the runtimes that know of it.
    local alive, forgotten = {}, {} ---@type table<integer, integer>, integer[] objects by number; numbers
    local guards = setmetatable({}, { __mode = "k" }) ---@type table<table, userdata> each is garbage after its object

    local function guarded(made)
        local number, guard = made[1], newproxy(true)
        alive[number] = (alive[number] or 0) + 1
        getmetatable(guard).__gc = function()
            alive[number] = alive[number] > 1 and alive[number] - 1 or nil
            if not alive[number] then
                forgotten[#forgotten + 1] = number
            end
        end
        guards[made] = guard
        return made
    end

    local function let_go()
        local numbers = forgotten
        forgotten = {}
        for first = 1, #numbers, AT_ONCE do
            native("let_go", unpack(numbers, first, first + AT_ONCE - 1 < #numbers and first + AT_ONCE - 1 or #numbers))
        end
    end

    --- A new thing of the host's, which asks for it: its object, or nothing and why.
    local function made(kind, extra, only, name, ...)
        if forgotten[1] then
            let_go()
        end
        local number, why = native(name, ...)
        if number == nil then
            return nil, why
        end
        return guarded(setmetatable({ number, extra, only }, kind))
    end

    --- The number of an object of a class.
    local is_of
    local function number_of(kind, value, position, where)
        if type(value) ~= "table" or not is_of(value, kind) then
            local text = "bad argument #%d to '%s' (a %s expected, got %s)"
            error(format(text, position, where, kind.__name, type(value)), 3)
        end
        return rawget(value, 1)
    end

    --- A method that asks for something of its object, with nothing else.
    local function asks(kind, name, operation)
        return function(self)
            return native(operation or name, number_of(kind, self, 0, name))
        end
    end

    -- Channels -----------------------------------------------------------------------------------------------------

    ---@class Channel
    local Channel = class("channel", {})
    local channel = Channel.__index

    local function received(value)
        if type(value) == "string" then
            return unpacked(value), true
        end
        return nil, false
    end

    --- The number of a channel that lets one send, or receive.
    local function end_of(self, way, where)
        local number, only = number_of(Channel, self, 0, where), rawget(self, 3)
        if only and only ~= way then
            error(format("cannot %s on a channel that was made to %s", way, only), 3)
        end
        return number
    end

    --- Hand a value over; waits until somebody has it, or there is room. False, and why, where it is closed.
    ---@return boolean, string?
    function channel:send(value)
        return native("send", end_of(self, "send", "send"), packed("the value", value))
    end

    --- The oldest value, and true; waits for one. Nothing and false where it is closed and empty.
    ---@return any, boolean
    function channel:receive()
        return received(native("receive", end_of(self, "receive", "receive")))
    end

    --- As `send`, where that would not wait.
    ---@return boolean, string?
    function channel:try_send(value)
        return native("try_send", end_of(self, "send", "try_send"), packed("the value", value))
    end

    ---@return any, boolean
    function channel:try_receive()
        return received(native("try_receive", end_of(self, "receive", "try_receive")))
    end

    channel.close = asks(Channel, "close")
    channel.len = asks(Channel, "len")
    channel.is_closed = asks(Channel, "is_closed")

    function channel:cap()
        return rawget(self, 2)
    end

    --- Call a function with each value until it is closed and empty.
    ---@param body fun(value: any)
    function channel:range(body)
        expect("function", body, 1, "range")
        while true do
            local value, ok = self:receive()
            if not ok then
                return
            end
            body(value)
        end
    end

    ---@param capacity integer? values that wait in it; 0: a sender waits for a receiver
    ---@param only string? `"send"` or `"receive"`: what alone it is for
    ---@return Channel
    function goroutine.channel(capacity, only)
        capacity = capacity == nil and 0 or capacity
        expect_whole(capacity, 0, MOST_CAPACITY, 1, "channel")
        if only ~= nil and only ~= "send" and only ~= "receive" then
            error("bad argument #2 to 'channel' ('send' or 'receive' expected)", 2)
        end
        return made(Channel, capacity, only, "channel", capacity)
    end

    --- The cases of a select as they are asked for, and the handler of the default.
    local function asked_cases(cases, where)
        expect("table", cases, #where == 6 and 1 or 2, where)
        local asked, chosen, default = {}, {}, nil
        for index, case in ipairs(cases) do
            if type(case) ~= "table" or case.handler ~= nil and type(case.handler) ~= "function" then
                error(format("bad case %d to '%s' (a table with a function as handler expected)", index, where), 3)
            elseif case.default then
                default = case
            elseif type(case.channel) ~= "table" or not is_of(case.channel, Channel) then
                error(format("bad case %d to '%s' (a channel expected)", index, where), 3)
            elseif case.receive ~= true and case.send == nil then
                error(format("bad case %d to '%s' (receive = true or send = VALUE expected)", index, where), 3)
            else
                asked[#asked + 1] = rawget(case.channel, 1)
                asked[#asked + 1] = case.receive ~= true and packed("the value", case.send)
                chosen[#chosen + 1] = { case = case, index = index }
            end
        end
        if #asked > 2 * MOST_AT_ONCE then
            error(format("bad argument to '%s' (at most %d cases expected)", where, MOST_AT_ONCE), 3)
        end
        return asked, chosen, default
    end

    --- Call the handler of the case that was taken: its number.
    local function taken_case(chosen, number, value)
        local taken = chosen[number]
        local handler = taken.case.handler
        if handler and taken.case.receive == true then
            handler(received(value))
        elseif handler then
            handler(value == true)
        end
        return taken.index
    end

    --- Do exactly one of several: any that is ready; else the default; without one, the first that becomes ready.
    ---@param cases { channel: Channel?, receive: boolean?, send: any, default: boolean?, handler: fun(...)? }[]
    ---@return integer the number of the case
    function goroutine.select(cases)
        local asked, chosen, default = asked_cases(cases, "select")
        if #asked == 0 and not default then
            error("bad argument #1 to 'select' (a case expected)", 2)
        end
        local number, value
        if #asked > 0 then
            number, value = native("select", default and 0 or -1, unpack(asked))
        end
        if number then
            return taken_case(chosen, number, value)
        elseif value then
            return nil, value
        elseif default then
            if default.handler then
                default.handler()
            end
            for index, case in ipairs(cases) do
                if case == default then
                    return index
                end
            end
        end
    end

    --- As `select`, for a while: true where none became ready, else false and the number of the case.
    ---@param milliseconds number
    ---@return boolean, integer?
    function goroutine.select_timeout(milliseconds, cases)
        expect_time(milliseconds, 1, "select_timeout")
        local asked, chosen, default = asked_cases(cases, "select_timeout")
        if default or #asked == 0 then
            error("bad argument #2 to 'select_timeout' (cases expected, and no default)", 2)
        end
        local number, value = native("select", milliseconds, unpack(asked))
        if number then
            return false, taken_case(chosen, number, value)
        elseif value then
            return nil, value
        end
        return true
    end

    -- Locks and counters -------------------------------------------------------------------------------------------

    local Mutex = class("mutex", {})
    Mutex.__index.lock = asks(Mutex, "lock")
    Mutex.__index.unlock = asks(Mutex, "unlock")
    Mutex.__index.try_lock = asks(Mutex, "try_lock")

    function goroutine.mutex()
        return made(Mutex, nil, nil, "mutex")
    end

    local RWMutex = class("rwmutex", {})
    for _, name in ipairs({ "lock", "unlock", "try_lock", "rlock", "runlock", "try_rlock" }) do
        RWMutex.__index[name] = asks(RWMutex, name)
    end

    function goroutine.rwmutex()
        return made(RWMutex, nil, nil, "mutex")
    end

    local Semaphore = class("semaphore", {})
    Semaphore.__index.acquire = asks(Semaphore, "acquire")
    Semaphore.__index.try_acquire = asks(Semaphore, "try_acquire")
    Semaphore.__index.release = asks(Semaphore, "release")
    Semaphore.__index.available = asks(Semaphore, "available")

    function Semaphore.__index:capacity()
        return rawget(self, 2)
    end

    ---@param capacity integer tokens
    function goroutine.semaphore(capacity)
        expect_whole(capacity, 1, MOST_CAPACITY, 1, "semaphore")
        return made(Semaphore, capacity, nil, "semaphore", capacity)
    end

    local AtomicInt = class("atomic_int", {})
    AtomicInt.__index.load = asks(AtomicInt, "load")
    for _, name in ipairs({ "add", "store", "swap" }) do
        AtomicInt.__index[name] = function(self, value)
            local number = number_of(AtomicInt, self, 0, name)
            expect_whole(value, -LARGEST, LARGEST, 1, name)
            return native(name, number, value)
        end
    end

    function AtomicInt.__index:compare_and_swap(old, new)
        local number = number_of(AtomicInt, self, 0, "compare_and_swap")
        expect_whole(old, -LARGEST, LARGEST, 1, "compare_and_swap")
        expect_whole(new, -LARGEST, LARGEST, 2, "compare_and_swap")
        return native("compare_and_swap", number, old, new)
    end

    ---@param value integer?
    function goroutine.atomic_int(value)
        value = value == nil and 0 or value
        expect_whole(value, -LARGEST, LARGEST, 1, "atomic_int")
        return made(AtomicInt, nil, nil, "atomic_int", value)
    end

    local WaitGroup = class("wait_group", {})
    WaitGroup.__index.wait = asks(WaitGroup, "wait")

    ---@param delta integer
    function WaitGroup.__index:add(delta)
        local number = number_of(WaitGroup, self, 0, "add")
        expect_whole(delta, -LARGEST, LARGEST, 1, "add")
        return native("count", number, delta)
    end

    function WaitGroup.__index:done()
        return native("count", number_of(WaitGroup, self, 0, "done"), -1)
    end

    function goroutine.wait_group()
        return made(WaitGroup, nil, nil, "wait_group")
    end

    local Once = class("once", {})

    --- Call a function if nobody did before; others wait meanwhile. Whether it was called; its error goes on.
    ---@param body fun()
    ---@return boolean
    function Once.__index:call(body)
        local number = number_of(Once, self, 0, "call")
        expect("function", body, 1, "call")
        local mine, why = native("once_begin", number)
        if not mine then
            return mine, why
        end
        local ok, message = pcall(body)
        native("once_finish", number)
        if not ok then
            error(message, 0)
        end
        return true
    end

    function goroutine.once()
        return made(Once, nil, nil, "once")
    end

    local Cond = class("cond", {})
    Cond.__index.wait = asks(Cond, "wait", "cond_wait")

    function Cond.__index:signal()
        return native("cond_wake", number_of(Cond, self, 0, "signal"), 1)
    end

    function Cond.__index:broadcast()
        return native("cond_wake", number_of(Cond, self, 0, "broadcast"), LARGEST)
    end

    function Cond.__index:get_mutex()
        return rawget(self, 2)
    end

    function goroutine.cond()
        local mutex = goroutine.mutex()
        return made(Cond, mutex, nil, "cond", mutex and mutex[1])
    end

    -- Contexts -----------------------------------------------------------------------------------------------------

    local Context = class("context", {})
    local context = Context.__index
    context.err = asks(Context, "err")
    context.cancel = asks(Context, "cancel")

    function context:is_cancelled()
        return self:err() ~= nil
    end

    --- Milliseconds since the epoch, and true; nothing and false where there is none.
    function context:deadline()
        local milliseconds = native("deadline", number_of(Context, self, 0, "deadline"))
        return milliseconds, milliseconds ~= nil
    end

    local function with_cancel(new)
        return new, function()
            return new:cancel()
        end
    end

    function context:with_cancel()
        return with_cancel(made(Context, nil, nil, "context", number_of(Context, self, 0, "with_cancel")))
    end

    function context:with_timeout(milliseconds)
        local number = number_of(Context, self, 0, "with_timeout")
        expect_time(milliseconds, 1, "with_timeout")
        return with_cancel(made(Context, nil, nil, "context", number, milliseconds))
    end

    ---@param milliseconds number since the epoch
    function context:with_deadline(milliseconds)
        local number = number_of(Context, self, 0, "with_deadline")
        expect("number", milliseconds, 1, "with_deadline")
        if not (milliseconds >= 0 and milliseconds <= LARGEST) then
            error("bad argument #1 to 'with_deadline' (milliseconds since the epoch expected)", 2)
        end
        return with_cancel(made(Context, nil, nil, "with_deadline", number, milliseconds))
    end

    --- Something that can be cancelled, and what does it.
    function goroutine.context()
        return with_cancel(made(Context, nil, nil, "context"))
    end

    -- Jobs ---------------------------------------------------------------------------------------------------------

    local Handle = class("handle of async", {})

    local function arguments(...)
        return packed("the argument", ...)
    end

    local function numbers_of(objects)
        local numbers = {}
        for index, each in ipairs(objects) do
            numbers[index] = rawget(each, 1)
        end
        return numbers
    end

    --- Submit a function as a job, which holds what it was frozen with.
    local function submitted(name, body, given_arguments, first)
        local image, held = frozen(body)
        if first then
            return native(name, first, image, given_arguments, unpack(numbers_of(held)))
        end
        return native(name, image, given_arguments, unpack(numbers_of(held)))
    end

    --- What an outcome says: true and what was returned, or false and a message.
    local function told(outcome, why)
        if outcome == nil then
            return false, why
        elseif sub(outcome, 1, 1) == WELL then
            return true, unpacked(sub(outcome, 2))
        end
        return false, sub(outcome, 2)
    end

    --- Run a function beside the module; what it raises is a fault of the module.
    ---@param body fun(...)
    ---@return true?, string?
    function goroutine.spawn(body, ...)
        expect("function", body, 1, "spawn")
        local number, why = submitted("spawn", body, arguments(...))
        return number ~= nil or nil, why
    end

    --- Run a function several times beside the module, each with its number from 1.
    ---@param count integer
    ---@param body fun(number: integer)
    ---@return true?, string?
    function goroutine.spawn_many(count, body)
        expect_whole(count, 0, MOST_AT_ONCE, 1, "spawn_many")
        expect("function", body, 2, "spawn_many")
        local image, held = frozen(body)
        local numbers = numbers_of(held)
        for number = 1, count do
            local begun, why = native("spawn", image, packed("", number), unpack(numbers))
            if not begun then
                return nil, why
            end
        end
        return true
    end

    --- Run a function beside the module; `await` gives what became of it.
    ---@param body fun(...): ...
    function goroutine.async(body, ...)
        expect("function", body, 1, "async")
        local number, why = submitted("async", body, arguments(...))
        if number == nil then
            return nil, why
        end
        return setmetatable({ number }, Handle)
    end

    --- Wait for a job: true and what it returned, or false and a message.
    ---@return boolean, any
    function goroutine.await(handle)
        return told(native("await", number_of(Handle, handle, 1, "await")))
    end

    local function outcome(ok, ...)
        if ok then
            return { success = true, values = { n = select("#", ...), ... } }
        end
        return { success = false, error = (...) }
    end

    --- Wait for all of several jobs: a list of `{ success, values }` or `{ success, error }`, in their order.
    function goroutine.await_all(handles)
        expect("table", handles, 1, "await_all")
        local numbers, results = {}, {}
        for index, handle in ipairs(handles) do
            if type(handle) ~= "table" or not is_of(handle, Handle) then
                error(format("bad entry %d to 'await_all' (a handle of async expected)", index), 2)
            end
            numbers[index] = rawget(handle, 1)
        end
        for index, number in ipairs(numbers) do
            results[index] = outcome(told(native("await", number)))
        end
        return results
    end

    --- Run a function beside the module, for a while: as `await`, or false and "timeout exceeded"; then it is stopped.
    ---@param milliseconds number
    ---@param body fun(...): ...
    ---@return boolean, any
    function goroutine.timeout(milliseconds, body, ...)
        expect_time(milliseconds, 1, "timeout")
        expect("function", body, 2, "timeout")
        return told(submitted("timeout", body, arguments(...), milliseconds))
    end

    ---@param milliseconds number
    function goroutine.sleep(milliseconds)
        expect_time(milliseconds, 1, "sleep")
        native("sleep", milliseconds)
    end

    -- Pools --------------------------------------------------------------------------------------------------------

    local function expect_name(name, where)
        expect("string", name, 1, where)
        if #name == 0 or #name > LONGEST_NAME then
            error(format("bad argument #1 to '%s' (a name of 1 to %d bytes expected)", where, LONGEST_NAME), 3)
        end
    end

    local function option(options, name, default, least, most)
        local value = options[name]
        if value == nil then
            return default
        elseif not whole(value, least, most) then
            local text = "bad option '%s' to 'pool_create' (a whole number from %d to %d expected)"
            error(format(text, name, least, most), 3)
        end
        return value
    end

    --- Make a pool: so many of its jobs at a time, and so many more in line.
    ---@param name string
    ---@param options { workers: integer?, queue: integer?, backend: string?, address: string? }?
    ---@return true?, string?
    function goroutine.pool_create(name, options)
        expect_name(name, "pool_create")
        options = options == nil and {} or options
        expect("table", options, 2, "pool_create")
        local workers = option(options, "workers", WORKERS, 1, MOST_WORKERS)
        local queue = option(options, "queue", option(options, "queue_size", QUEUE, 0, MOST_QUEUED), 0, MOST_QUEUED)
        local backend, address = options.backend, options.address
        if backend == "dask" then
            if type(address) ~= "string" then
                error("bad option 'address' to 'pool_create' (tcp://HOST:PORT of a scheduler expected)", 2)
            end
            return native("pool_create", name, workers, queue, address)
        elseif backend ~= nil and backend ~= "threads" then
            error("bad option 'backend' to 'pool_create' ('threads' or 'dask' expected)", 2)
        end
        return native("pool_create", name, workers, queue)
    end

    --- Have a pool run a function: the name of the job; nothing and why, where the queue is full.
    ---@param name string
    ---@param body fun(...): ...
    ---@return string?, string?
    function goroutine.pool_submit(name, body, ...)
        expect_name(name, "pool_submit")
        expect("function", body, 2, "pool_submit")
        local number, why = submitted("pool_submit", body, arguments(...), name)
        return number and concat({ name, "-", number }), why
    end

    --- Wait until a pool has nothing to do; it can be used afterwards.
    ---@return true?, string?
    function goroutine.pool_wait(name)
        expect_name(name, "pool_wait")
        return native("pool_wait", name)
    end

    --- Let a pool go: what was submitted is still done. False where there is none.
    ---@return boolean, string?
    function goroutine.pool_close(name)
        expect_name(name, "pool_close")
        return native("pool_close", name)
    end

    --- `name`, `workers`, `active`, `completed`, `failed`, `queued`.
    ---@return table?, string?
    function goroutine.pool_stats(name)
        expect_name(name, "pool_stats")
        return native("pool_stats", name)
    end

    --- Wait for a job of a pool, by its name: as `await`.
    ---@param id string
    ---@return boolean, any
    function goroutine.pool_result(id)
        expect("string", id, 1, "pool_result")
        local number = id:match("%-(%d+)$")
        if not number then
            return false, format("there is no job %s", sub(id, 1, LONGEST_NAME))
        end
        return told(native("await", number + 0))
    end

    -- From channel to channel --------------------------------------------------------------------------------------

    --- One worker of a stage: what its function gives for each value goes on; nothing, and what failed, does not.
    local function work(body, input, output)
        while true do
            local value, ok = input:receive()
            if not ok then
                return
            end
            local went, result = pcall(body, value)
            if not went then
                native("failed", type(result) == "string" and result or "(error value: a " .. type(result) .. ")")
            elseif result ~= nil and not output:send(result) then
                return
            end
        end
    end

    --- Have functions work on what comes from a channel, one after another: the channel that the last one sends to.
    ---@param input Channel
    ---@param stages { workers: integer?, fn: fun(value: any): any }[]
    ---@return Channel?, string?
    function goroutine.pipeline(input, stages)
        number_of(Channel, input, 1, "pipeline")
        expect("table", stages, 2, "pipeline")
        for index, stage in ipairs(stages) do
            if type(stage) ~= "table" or type(stage.fn) ~= "function" then
                error(format("bad stage %d to 'pipeline' (a function fn expected)", index), 2)
            elseif stage.workers ~= nil and not whole(stage.workers, 1, MOST_WORKERS) then
                error(format("bad stage %d to 'pipeline' (1 to %d workers expected)", index, MOST_WORKERS), 2)
            end
        end
        for _, stage in ipairs(stages) do
            local output, jobs = goroutine.channel(BETWEEN), {}
            local image, held = frozen(work, stage.fn, input, output)
            for worker = 1, stage.workers or 1 do
                local number, why = native("spawn", image, "", unpack(numbers_of(held)))
                if not number then
                    return nil, why
                end
                jobs[worker] = number
            end
            native("close_after", rawget(output, 1), unpack(jobs))
            input = output
        end
        return input
    end

    --- Hand what comes from a channel to several, each value to one of them.
    ---@param input Channel
    ---@param count integer
    ---@return Channel[]
    function goroutine.fan_out(input, count)
        local number = number_of(Channel, input, 1, "fan_out")
        expect_whole(count, 1, MOST_AT_ONCE, 2, "fan_out")
        local outputs, numbers = {}, {}
        for index = 1, count do
            outputs[index] = goroutine.channel(BETWEEN)
            numbers[index] = rawget(outputs[index], 1)
        end
        native("fan_out", number, unpack(numbers))
        return outputs
    end

    --- Hand what comes from several channels to one, which closes after the last of them.
    ---@param inputs Channel[]
    ---@return Channel
    function goroutine.fan_in(inputs)
        expect("table", inputs, 1, "fan_in")
        local numbers = {}
        for index, input in ipairs(inputs) do
            numbers[index] = number_of(Channel, input, 1, "fan_in")
        end
        if #numbers == 0 or #numbers > MOST_AT_ONCE then
            error(format("bad argument #1 to 'fan_in' (1 to %d channels expected)", MOST_AT_ONCE), 2)
        end
        local output = goroutine.channel(BETWEEN)
        native("fan_in", rawget(output, 1), unpack(numbers))
        return output
    end

    is_of = given.freezer.is_of
    given.freezer.let_cross(function(objects)
        native("keep", unpack(numbers_of(objects)))
    end, Channel, Mutex, RWMutex, Semaphore, AtomicInt, WaitGroup, Once, Cond, Context, Handle)
    given.freezer.name("goroutine.work", work)
    return goroutine
end
