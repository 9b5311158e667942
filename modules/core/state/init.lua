--- Keeps values and locks; each module that calls has a namespace of its own, and all share one by permission.

local native = host.native

local SHARED = "shared_" -- what the names begin with that are about the namespace of all
local DIRECT = {
    "append", "clear", "compare_swap", "decrement", "delete", "exists", "get", "get_ttl", "increment", "keys",
    "list_length", "list_pop", "list_push", "lock", "set", "set_ttl", "stats", "try_lock", "unlock",
}

local M = { exports = {} }

-- Lifecycle

function M:init(config)
    local notice, why = native.open(config)
    if not notice then
        return false, why
    elseif notice ~= "" then
        host.log.warn(notice)
    end
end

--- Do several things as one: kept if `body` returns, all of it undone if it raises. It cannot wait.
---@param body fun(): ...
function M.exports.transaction(body)
    if type(body) ~= "function" then
        error(("bad argument #1 to 'transaction' (function expected, got %s)"):format(type(body)), 2)
    end
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

--- Make the function that calls another while a lock is held: what it returns; its error goes on, the lock is free.
local function locking(prefix)
    local lock, unlock = native[prefix .. "lock"], native[prefix .. "unlock"]
    return function(name, body, timeout)
        if type(body) ~= "function" then
            error(("bad argument #2 to 'with_lock' (function expected, got %s)"):format(type(body)), 2)
        end
        local held, why = lock(name, timeout)
        if not held then
            return nil, why
        end
        local function ended(ok, ...)
            unlock(name)
            if not ok then
                error((...), 0)
            end
            return ...
        end
        return ended(pcall(body))
    end
end

-- Exports

for _, prefix in ipairs({ "", SHARED }) do
    for _, name in ipairs(DIRECT) do
        M.exports[prefix .. name] = native[prefix .. name]
    end
    M.exports[prefix .. "with_lock"] = locking(prefix)
end

return M
