--- Pools: so many jobs at a time, and a queue.

local concat, format, sub = table.concat, string.format, string.sub
local error, type = error, type

local MOST_QUEUED, MOST_WORKERS = 1e5, 256
local LONGEST_NAME = 200 -- bytes of a pool's
local WORKERS, QUEUE = 4, 1000 -- of a pool that asks for nothing else

local goroutine, given, expecting, jobs = ...
local native = given.native
local expect, whole = expecting.expect, expecting.whole
local arguments, submitted, told = jobs.arguments, jobs.submitted, jobs.told

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
