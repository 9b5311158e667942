--- Keeps values and locks in a database; each module that calls has a namespace of its own.

local native = host.native

local LONGEST_KEY = 1024 -- bytes
local LONGEST_TTL = 2 ^ 40 -- seconds
local TIMEOUT = 30 -- seconds that `lock` waits

local M = { exports = {} }
local state = M.exports

local function expect(kind, value, position, where)
    if type(value) ~= kind then
        error(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, where, kind, type(value)), 3)
    end
end

local function expect_key(key, where)
    if type(key) ~= "string" then
        error(("bad argument #1 to '%s' (string expected, got %s)"):format(where, type(key)), 3)
    elseif #key == 0 or #key > LONGEST_KEY then
        error(("bad argument #1 to '%s' (1 to %d bytes expected)"):format(where, LONGEST_KEY), 3)
    end
end

local function expect_seconds(seconds, position, where)
    if type(seconds) ~= "number" then
        error(("bad argument #%d to '%s' (seconds expected, got %s)"):format(position, where, type(seconds)), 3)
    elseif not (seconds > 0 and seconds <= LONGEST_TTL) then
        error(("bad argument #%d to '%s' (seconds above 0 expected)"):format(position, where), 3)
    end
end

-- Lifecycle

function M:init()
    local notice = native.notice()
    if notice ~= "" then
        host.log.warn(notice)
    end
end

-- Values

--- Keep a value, for `ttl` seconds or until it goes; nil removes it.
---@param key string
---@param value any plain data
---@param ttl number?
---@return true?, string?
function state.set(key, value, ttl)
    expect_key(key, "set")
    if ttl ~= nil then
        expect_seconds(ttl, 3, "set")
    end
    if value == nil then
        local _, why = native.delete(key)
        return why == nil or nil, why
    end
    return native.set(key, ttl, value)
end

---@param key string
---@param default any
function state.get(key, default)
    expect_key(key, "get")
    local value, why = native.get(key)
    if value ~= nil then
        return value
    elseif why ~= nil then
        return nil, why
    end
    return default
end

---@return boolean?, string? whether it was there
function state.delete(key)
    expect_key(key, "delete")
    return native.delete(key)
end

---@return boolean?, string?
function state.exists(key)
    expect_key(key, "exists")
    return native.exists(key)
end

--- Remove all keys that are as a pattern says (`*` any characters, `?` one); all without one. How many there were.
---@param pattern string?
---@return integer?, string?
function state.clear(pattern)
    if pattern ~= nil then
        expect("string", pattern, 1, "clear")
    end
    return native.clear(pattern or "*")
end

--- Keys that are as a pattern says, sorted.
---@param pattern string?
---@return string[]?, string?
function state.keys(pattern)
    if pattern ~= nil then
        expect("string", pattern, 1, "keys")
    end
    return native.keys(pattern or "*")
end

--- Have a key go after some seconds; 0 or less: it stays.
---@return true?, string?
function state.set_ttl(key, seconds)
    expect_key(key, "set_ttl")
    expect("number", seconds, 2, "set_ttl")
    if seconds ~= seconds or seconds > LONGEST_TTL then
        error("bad argument #2 to 'set_ttl' (seconds expected)", 2)
    end
    return native.set_ttl(key, seconds)
end

--- Seconds that a key has left; -1 where it stays, -2 where it is not there.
---@return number?, string?
function state.get_ttl(key)
    expect_key(key, "get_ttl")
    return native.get_ttl(key)
end

local function add(key, delta, where, sign)
    expect_key(key, where)
    if delta ~= nil then
        expect("number", delta, 2, where)
    end
    return native.increment(key, sign * (delta or 1))
end

--- Add to a number, which is 0 where it is missing: what it is then.
---@return number?, string?
function state.increment(key, delta)
    return add(key, delta, "increment", 1)
end

---@return number?, string?
function state.decrement(key, delta)
    return add(key, delta, "decrement", -1)
end

--- Add to the end of a text: how many bytes it then has.
---@return integer?, string?
function state.append(key, text)
    expect_key(key, "append")
    expect("string", text, 2, "append")
    return native.append(key, text)
end

--- Add to the end of a list: how long it then is.
---@return integer?, string?
function state.list_push(key, value)
    expect_key(key, "list_push")
    if value == nil then
        error("bad argument #2 to 'list_push' (value expected, got nil)", 2)
    end
    return native.list_push(key, value)
end

--- Take the last of a list; nil where there is none.
function state.list_pop(key)
    expect_key(key, "list_pop")
    return native.list_pop(key)
end

---@return integer?, string?
function state.list_length(key)
    expect_key(key, "list_length")
    return native.list_length(key)
end

--- Set a key if it has a value, or is absent for nil: whether it was so. Its time to live stays.
---@return boolean?, string?
function state.compare_swap(key, old, new)
    expect_key(key, "compare_swap")
    return native.compare_swap(key, old, new)
end

--- What is kept: `total_keys`, `expired_keys`, `active_locks` of this module, `db_size_bytes`, `db_path`.
---@return table?, string?
function state.stats()
    return native.stats()
end

--- Do several things as one: kept if `body` returns, all of it undone if it raises. It cannot wait.
---@param body fun(): ...
function state.transaction(body)
    expect("function", body, 1, "transaction")
    local begun, why = native.begin()
    if not begun then
        return nil, why
    end
    local function ended(ok, ...)
        if not ok then
            native.rollback()
            error((...), 0)
        end
        local kept, refusal = native.commit()
        if not kept then
            return nil, refusal
        end
        return ...
    end
    return ended(pcall(body))
end

-- Locks

--- Take a lock if nobody has it, for `ttl` seconds or until it is given back.
---@return boolean?, string?
function state.try_lock(name, ttl)
    expect_key(name, "try_lock")
    if ttl ~= nil then
        expect_seconds(ttl, 2, "try_lock")
    end
    return native.try_lock(name, ttl)
end

--- Wait for a lock, `timeout` seconds at most (30).
---@return true?, string?
function state.lock(name, timeout)
    expect_key(name, "lock")
    if timeout ~= nil then
        expect_seconds(timeout, 2, "lock")
    end
    return native.lock(name, timeout or TIMEOUT)
end

---@return true?, string?
function state.unlock(name)
    expect_key(name, "unlock")
    return native.unlock(name)
end

--- Call a function while a lock is held: what it returns; its error goes on, the lock is given back.
function state.with_lock(name, body, timeout)
    expect_key(name, "with_lock")
    expect("function", body, 2, "with_lock")
    if timeout ~= nil then
        expect_seconds(timeout, 3, "with_lock")
    end
    local held, why = native.lock(name, timeout or TIMEOUT)
    if not held then
        return nil, why
    end
    local function ended(ok, ...)
        native.unlock(name)
        if not ok then
            error((...), 0)
        end
        return ...
    end
    return ended(pcall(body))
end

return M
