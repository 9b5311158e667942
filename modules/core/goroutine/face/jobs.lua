--- Jobs: functions that run beside the module.

local format, sub = string.format, string.sub
local error, ipairs, next, rawget, select = error, ipairs, next, rawget, select
local setmetatable, type, unpack = setmetatable, type, unpack

local MOST_AT_ONCE = 1000
local WELL = "+" -- what an outcome begins with, before what was returned

local goroutine, given, expecting, objects = ...
local frozen, native, packed = given.frozen, given.native, given.packed
local unpacked, is_of = given.unpacked, given.is_of
local expect, expect_whole, expect_time = expecting.expect, expecting.expect_whole, expecting.expect_time
local class, number_of = objects.class, objects.number_of

local Handle = class("handle of async", {})

local function arguments(...)
    return packed("the argument", ...)
end

local function numbers_of(all)
    local numbers = {}
    for index, each in ipairs(all) do
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
    local numbers, results, last = {}, {}, 0
    for index in next, handles do
        last = type(index) == "number" and index > last and index or last
    end
    for index = 1, last do
        local handle = handles[index]
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
---@return true?, string?
function goroutine.sleep(milliseconds)
    expect_time(milliseconds, 1, "sleep")
    return native("sleep", milliseconds)
end

return { Handle }, { arguments = arguments, numbers_of = numbers_of, submitted = submitted, told = told }
