--- Tries again, breaks circuits, limits rates and remembers results. Each gives what the function returns.
---
--- A function fails where it raises, and where it returns nil and a message.

local native = host.native

local MOST_ATTEMPTS = 1000
local LONGEST = 86400 -- seconds of a delay
local MOST_NAMES = 1000 -- circuits, limits and caches of one module
local LONGEST_NAME = 200 -- bytes
local MOST_KEPT = 1000 -- results in the caches of one module
local LARGEST_KEPT = 2 ^ 20 -- bytes of these, about
local ENTRY = 40 -- bytes of a value in a table, about

local M = { exports = {} }
local reliability = M.exports

local circuits, limits, caches = {}, {}, {} ---@type table<string, table<string, table>> by caller and name

local function expect(kind, value, position, where)
    if type(value) ~= kind then
        error(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, where, kind, type(value)), 3)
    end
end

--- An option: a number from `least` to `most`, or the default.
local function number(options, name, default, least, most, where)
    local value = options[name]
    if value == nil then
        return default
    elseif type(value) ~= "number" or not (value >= least and value <= most) then
        error(("bad option '%s' to '%s' (a number from %g to %g expected)"):format(name, where, least, most), 3)
    end
    return value
end

--- Refuse an option that there is none of; a misspelt one would be left out unsaid.
local function known(options, names, where)
    for option in pairs(options) do
        local found = false
        for _, each in ipairs(names) do
            found = found or each == option
        end
        if not found then
            local all = table.concat(names, ", ")
            error(("unknown option '%s' to '%s'; it has %s"):format(tostring(option), where, all), 3)
        end
    end
end

local function packed(...)
    return { n = select("#", ...), ... }
end

--- Whether a call went well, from what `pcall` gave.
local function well(result)
    return result[1] and not (result[2] == nil and result.n >= 3 and result[3] ~= nil)
end

--- What a call returned, or its error.
local function handed_on(result)
    if not result[1] then
        error(result[2], 0)
    end
    return unpack(result, 2, result.n)
end

--- About how many bytes a value takes with all that is in it; more than `most` where it would take long to say.
local function weight(value, most)
    local found = type(value) == "string" and #value or ENTRY
    if type(value) == "table" then
        for key, each in next, value do
            found = found + weight(key, most) + weight(each, most)
            if found > most then
                break
            end
        end
    end
    return found
end

--- Something of the caller's own by a name.
local function named(all, name, make, where)
    local caller = native.caller()
    if #name > LONGEST_NAME then
        error(("bad argument #1 to '%s' (up to %d bytes expected)"):format(where, LONGEST_NAME), 3)
    end
    local own = all[caller] or { count = 0, by_name = {}, kept = 0, weight = 0 }
    all[caller] = own
    if own.by_name[name] == nil then
        if own.count >= MOST_NAMES then
            error(("more than %d names"):format(MOST_NAMES), 0)
        end
        own.by_name[name], own.count = make(), own.count + 1
    end
    return own.by_name[name], own
end

--- Call a function until it does not fail: `retry(attempts, delay, fn)` or `retry(options, fn)`.
---@param options integer|{ attempts: integer?, delay: number?, factor: number?, most: number?, jitter: number? }
function reliability.retry(options, delay, body)
    if type(options) == "table" then
        body = delay
    else
        expect("number", options, 1, "retry")
        expect("number", delay, 2, "retry")
        options = { attempts = options, delay = delay }
    end
    expect("function", body, type(options) == "table" and 2 or 3, "retry")
    known(options, { "attempts", "delay", "factor", "jitter", "most" }, "retry")
    local attempts = number(options, "attempts", 3, 1, MOST_ATTEMPTS, "retry")
    local pause = number(options, "delay", 1, 0, LONGEST, "retry")
    local factor = number(options, "factor", 2, 1, 100, "retry")
    local most = number(options, "most", 60, 0, LONGEST, "retry")
    local jitter = number(options, "jitter", 0.1, 0, 1, "retry")
    for attempt = 1, attempts do
        local result = packed(pcall(body, attempt))
        if well(result) or attempt >= attempts then
            return handed_on(result)
        end
        local waited, why = native.retry(math.min(pause, most) * (1 + jitter * (2 * native.random() - 1)))
        if not waited then
            return nil, why
        end
        pause = math.min(pause * factor, most)
    end
end

-- Circuit breakers

--- Call a function through a circuit, which opens after so many failures in a row, and is tried again after a while.
---@param name string
---@param options { failures: integer?, timeout: number?, successes: integer? }
function reliability.circuit_breaker(name, options, body)
    expect("string", name, 1, "circuit_breaker")
    expect("table", options, 2, "circuit_breaker")
    expect("function", body, 3, "circuit_breaker")
    known(options, { "failures", "successes", "timeout" }, "circuit_breaker")
    local failures = number(options, "failures", 5, 1, 1e6, "circuit_breaker")
    local timeout = number(options, "timeout", 30, 0, LONGEST, "circuit_breaker")
    local successes = number(options, "successes", 1, 1, 1e6, "circuit_breaker")
    local circuit = named(circuits, name, function()
        return { state = "closed", failures = 0, successes = 0, opened = 0, trying = false }
    end, "circuit_breaker")
    if circuit.state == "open" and native.now() - circuit.opened >= timeout then
        circuit.state, circuit.successes = "half_open", 0
    end
    if circuit.state == "open" or circuit.trying then
        return nil, ("circuit %s is open"):format(name)
    end
    local half = circuit.state == "half_open"
    circuit.trying = half
    local result = packed(pcall(body))
    if half then
        circuit.trying = false
    end
    if well(result) then
        circuit.failures, circuit.successes = 0, circuit.successes + 1
        if half and circuit.successes >= successes then
            circuit.state = "closed"
        end
    else
        circuit.failures = circuit.failures + 1
        if half or circuit.failures >= failures then
            circuit.state, circuit.opened = "open", native.now()
        end
    end
    return handed_on(result)
end

--- `closed`, `open` or `half_open`, and its failures in a row; nil where there is none.
function reliability.circuit_state(name)
    expect("string", name, 1, "circuit_state")
    local own = circuits[native.caller()]
    local circuit = own and own.by_name[name]
    if circuit then
        return circuit.state, circuit.failures
    end
end

--- Close a circuit.
function reliability.circuit_reset(name)
    expect("string", name, 1, "circuit_reset")
    local own = circuits[native.caller()]
    if own and own.by_name[name] then
        own.by_name[name], own.count = nil, own.count - 1
    end
end

-- Rates

--- Call a function at most `rate` times a second, up to `burst` at once; more wait, or are refused with `wait = false`.
---@param name string
---@param options { rate: number, burst: integer?, wait: boolean? }
function reliability.rate_limit(name, options, body)
    expect("string", name, 1, "rate_limit")
    expect("table", options, 2, "rate_limit")
    expect("function", body, 3, "rate_limit")
    known(options, { "burst", "rate", "wait" }, "rate_limit")
    local rate = number(options, "rate", 1, 1e-6, 1e6, "rate_limit")
    local burst = number(options, "burst", 1, 1, 1e6, "rate_limit")
    local bucket = named(limits, name, function()
        return { tokens = burst, at = native.now() }
    end, "rate_limit")
    local now = native.now()
    bucket.tokens, bucket.at = math.min(burst, bucket.tokens + (now - bucket.at) * rate), now
    if bucket.tokens < 1 then
        if options.wait == false then
            return nil, ("more than %g a second of %s"):format(rate, name)
        end
        bucket.tokens = bucket.tokens - 1 -- its place in the row
        local waited, why = native.rate_limit(-bucket.tokens / rate)
        if not waited then
            bucket.tokens = bucket.tokens + 1
            return nil, why
        end
    else
        bucket.tokens = bucket.tokens - 1
    end
    return body()
end

-- Caches

--- Take a result out of a cache of a module.
local function forget(own, cache, key)
    local entry = cache.entries[key]
    if entry then
        cache.entries[key], cache.count = nil, cache.count - 1
        own.kept, own.weight = own.kept - 1, own.weight - entry.weight
    end
end

--- The key that was asked for least lately.
local function oldest_of(cache)
    local oldest
    for key, entry in pairs(cache.entries) do
        if not oldest or entry.used < cache.entries[oldest].used then
            oldest = key
        end
    end
    return oldest
end

--- Keep a result, where there is room for it: others of its cache make that, not those of other caches.
local function keep(own, cache, key, entry, size)
    forget(own, cache, key)
    local function full()
        return cache.count >= size or own.kept >= MOST_KEPT or own.weight + entry.weight > LARGEST_KEPT
    end
    while cache.count > 0 and full() do
        forget(own, cache, oldest_of(cache))
    end
    if not full() then
        cache.entries[key], cache.count = entry, cache.count + 1
        own.kept, own.weight = own.kept + 1, own.weight + entry.weight
    end
end

--- Call a function, or give what it returned for this key within the last `ttl` seconds; failures are not kept.
---@param name string
---@param key string|number
---@param options { ttl: number?, size: integer? }
function reliability.cache(name, key, options, body)
    expect("string", name, 1, "cache")
    if type(key) ~= "string" and type(key) ~= "number" then
        error(("bad argument #2 to 'cache' (string or number expected, got %s)"):format(type(key)), 2)
    end
    expect("table", options, 3, "cache")
    expect("function", body, 4, "cache")
    known(options, { "size", "ttl" }, "cache")
    local ttl = number(options, "ttl", 60, 0, 1e9, "cache")
    local size = number(options, "size", 100, 1, 1e5, "cache")
    local cache, own = named(caches, name, function()
        return { entries = {}, count = 0, clock = 0 }
    end, "cache")
    cache.clock = cache.clock + 1
    local entry = cache.entries[key]
    if entry and native.now() < entry.until_ then
        entry.used = cache.clock
        return unpack(entry.result, 2, entry.result.n)
    end
    local result = packed(pcall(body))
    if well(result) then
        local weighs = weight(result, LARGEST_KEPT) + weight(key, LARGEST_KEPT)
        entry = { result = result, until_ = native.now() + ttl, used = cache.clock, weight = weighs }
        if own.by_name[name] == cache then -- and not cleared meanwhile
            keep(own, cache, key, entry, size)
        end
    end
    return handed_on(result)
end

--- Forget what a cache holds, or one key of it.
function reliability.cache_clear(name, key)
    expect("string", name, 1, "cache_clear")
    local own = caches[native.caller()]
    local cache = own and own.by_name[name]
    if not cache then
        return
    elseif key == nil then
        own.by_name[name], own.count = nil, own.count - 1
        own.kept = own.kept - cache.count
        for _, entry in pairs(cache.entries) do
            own.weight = own.weight - entry.weight
        end
    else
        forget(own, cache, key)
    end
end

return M
