--- Runs jobs at times, by cron expressions and at intervals. A job belongs to the module that asked for it.

local native = host.native

local LONGEST_NAP = 3600 -- seconds between two looks at the clock, which somebody may set
local MOST = 1000 -- jobs of one module
local LONGEST_NAME = 200 -- bytes
local EVENT = "an event of 1 to 200 bytes without control characters expected"
local GONE = "was handed out by" -- what the host says of a function whose module went

---@class Job
---@field owner string
---@field name string
---@field kind "at"|"cron"|"every"
---@field spec string|number
---@field zone string?
---@field target string|function an event, or what is called
---@field next number
---@field runs integer
---@field earlier Job? with the function that this one's came for, until this one's was called

local jobs = {} ---@type table<string, Job> by owner and name
local running = {} ---@type table<Job, boolean>
local nap ---@type { cancel: fun() }?

local M = { exports = {} }
local scheduler = M.exports

local function key_of(owner, name)
    return owner .. "/" .. name
end

local function count(owner)
    local found = 0
    for _, job in pairs(jobs) do
        found = found + (job.owner == owner and 1 or 0)
    end
    return found
end

--- What becomes of a job whose function is gone: its version never came in force, and the one before goes on.
local function go_back(job, run)
    local key = key_of(job.owner, job.name)
    if jobs[key] ~= job then
        return
    end
    jobs[key] = job.earlier
    if job.earlier then
        job.earlier.next, job.earlier.due, job.earlier.runs = job.next, job.due, job.runs
        run(job.earlier)
    end
end

local function failed(job, problem)
    host.log.error(("job %s of %s failed: %s"):format(job.name, job.owner, tostring(problem)))
end

local function run(job)
    local about = { name = job.name, owner = job.owner, at = job.due, runs = job.runs }
    if type(job.target) == "string" then
        local answered, why = host.emit(job.target, about)
        return answered or failed(job, why)
    elseif running[job] then
        host.log.warn(("job %s of %s still runs, and is left out this time"):format(job.name, job.owner))
        return
    end
    running[job] = true
    local task, refusal = host.async(function()
        local ok, problem = pcall(job.target, about)
        running[job] = nil
        if not ok and tostring(problem):find(GONE, 1, true) then
            return go_back(job, run)
        end
        job.earlier = nil
        if not ok then
            failed(job, problem)
        end
    end)
    if not task then
        running[job] = nil
        failed(job, refusal)
    end
end

local look

--- Sleep until the next job.
local function arm()
    if nap then
        nap:cancel()
        nap = nil
    end
    local first
    for _, job in pairs(jobs) do
        if not first or job.next < first then
            first = job.next
        end
    end
    if first then
        local delay = math.max(0, math.min(first - native.now(), LONGEST_NAP))
        nap = host.after(delay * 1000, look)
    end
end

--- When a job is next after it was due; nil where it is not any more.
local function following(job, now)
    if job.kind == "cron" then
        return (native.next(job.spec, now, job.zone))
    elseif job.kind == "every" then
        return math.max(job.next + job.spec, now + job.spec - (now - job.next) % job.spec)
    end
end

function look()
    nap = nil
    local now, due = native.now(), {}
    for key, job in pairs(jobs) do
        if job.next <= now then
            due[#due + 1] = { key = key, job = job }
        end
    end
    table.sort(due, function(a, b)
        return a.job.next < b.job.next
    end)
    for _, each in ipairs(due) do
        local job = each.job
        local ok, problem = pcall(function()
            job.due, job.runs = job.next, job.runs + 1
            job.next = following(job, now)
            if not job.next then
                jobs[each.key] = nil
            end
            run(job)
        end)
        if not ok then -- it would fail each time
            jobs[each.key] = nil
            failed(job, ("%s; it was dropped"):format(tostring(problem)))
        end
    end
    arm()
end

local function expect(kind, value, position, where)
    if type(value) ~= kind then
        error(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, where, kind, type(value)), 3)
    end
end

--- Whether a target can be called, or emitted.
local function emittable(target)
    return type(target) ~= "string" or #target > 0 and #target <= LONGEST_NAME and not target:find("%c")
end

local function expect_job(name, target, where)
    if type(name) ~= "string" or #name == 0 or #name > LONGEST_NAME then
        error(("bad argument #1 to '%s' (a name of 1 to %d bytes expected)"):format(where, LONGEST_NAME), 3)
    elseif type(target) ~= "function" and type(target) ~= "string" then
        error(("bad argument #3 to '%s' (function or event expected, got %s)"):format(where, type(target)), 3)
    elseif not emittable(target) then
        error(("bad argument #3 to '%s' (%s)"):format(where, EVENT), 3)
    end
end

local function add(job)
    job.owner, job.runs = native.caller(), 0
    local key = key_of(job.owner, job.name)
    if not jobs[key] and count(job.owner) >= MOST then
        return nil, ("more than %d jobs of %s"):format(MOST, job.owner)
    end
    local before = jobs[key]
    if before and type(before.target) == "function" and type(job.target) == "function"
        and before.kind == job.kind and before.spec == job.spec and before.zone == job.zone
    then -- the next version of the module goes on with it
        job.next, job.runs, job.earlier = before.next, before.runs, before.earlier or before
    end
    jobs[key] = job
    arm()
    return job.next
end

-- Lifecycle

--- A job as plain data; its function as what it is found by again, as long as this host runs.
local function kept(job)
    local copy = {}
    for name, value in pairs(job) do
        copy[name] = value
    end
    if type(job.target) == "function" then
        copy.target, copy.reference = nil, host.reference(job.target)
    end
    copy.earlier = job.earlier and kept(job.earlier)
    return copy
end

--- The job that was kept; nil where its function went with the host that ran then.
local function revived(copy)
    if copy.reference then
        copy.target, copy.reference = host.referred(copy.reference), nil
    end
    copy.earlier = copy.earlier and revived(copy.earlier)
    return copy.target and copy
end

function M:getState()
    local found = {}
    for _, job in pairs(jobs) do
        found[#found + 1] = kept(job)
    end
    return { jobs = found }
end

function M:setState(state)
    for _, copy in ipairs(state.jobs or {}) do
        local job = revived(copy)
        if job and not emittable(job.target) then
            failed(job, ("%s; it was dropped"):format(EVENT))
        elseif job then
            jobs[key_of(job.owner, job.name)] = job
        end
    end
    arm()
end

-- Exports

--- Whenever a cron expression says: when that is next.
---@param name string one of the module's; a job of this name is replaced
---@param expression string minute hour day month weekday
---@param target string|function an event, or a function
---@param zone string? UTC without one
---@return number?, string?
function scheduler.cron(name, expression, target, zone)
    expect_job(name, target, "cron")
    expect("string", expression, 2, "cron")
    if zone ~= nil then
        expect("string", zone, 4, "cron")
    end
    local first, why = native.next(expression, native.now(), zone)
    if not first then
        return nil, why
    end
    return add({ name = name, kind = "cron", spec = expression, zone = zone, target = target, next = first })
end

--- Every so many seconds: when that is next.
---@param seconds number
---@return number?, string?
function scheduler.every(name, seconds, target)
    expect_job(name, target, "every")
    expect("number", seconds, 2, "every")
    if not (seconds >= 0.01 and seconds <= 1e9) then
        error("bad argument #2 to 'every' (seconds from 0.01 on expected)", 2)
    end
    return add({ name = name, kind = "every", spec = seconds, target = target, next = native.now() + seconds })
end

--- Once, at a moment in seconds since 1970; at once where that has passed.
---@return number?, string?
function scheduler.at(name, moment, target)
    expect_job(name, target, "at")
    expect("number", moment, 2, "at")
    if not (moment >= 0 and moment <= 1e12) then
        error("bad argument #2 to 'at' (seconds since 1970 expected)", 2)
    end
    return add({ name = name, kind = "at", spec = moment, target = target, next = moment })
end

--- Forget a job of the module: whether there was one.
function scheduler.cancel(name)
    expect("string", name, 1, "cancel")
    local key = key_of(native.caller(), name)
    local there = jobs[key] ~= nil
    jobs[key] = nil
    arm()
    return there
end

--- The module's jobs by name: `kind`, `spec`, `next`, `runs`.
function scheduler.jobs()
    local found, owner = {}, native.caller()
    for _, job in pairs(jobs) do
        if job.owner == owner then
            found[job.name] = { kind = job.kind, spec = job.spec, next = job.next, runs = job.runs }
        end
    end
    return found
end

return M
