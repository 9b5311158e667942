--- Locks and counters.

local error, ipairs, rawget = error, ipairs, rawget

local LARGEST = 2 ^ 53
local MOST_TOKENS = 1e6

local goroutine, given, expecting, objects = ...
local native, pcall = given.native, given.pcall
local expect, expect_whole = expecting.expect, expecting.expect_whole
local asks, class, made, number_of = objects.asks, objects.class, objects.made, objects.number_of

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
    expect_whole(capacity, 1, MOST_TOKENS, 1, "semaphore")
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

return { Mutex, RWMutex, Semaphore, AtomicInt, WaitGroup, Once, Cond }
