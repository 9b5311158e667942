--- Counts and measures, for Prometheus and for alerts; each module's series carry its name.

local native = host.native

local M = { exports = {} }
local metrics = M.exports

local function expect(kind, value, position, where, optional)
    if type(value) ~= kind and not (optional and value == nil) then
        error(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, where, kind, type(value)), 3)
    end
end

-- What needs no Lua

for _, name in ipairs({
    "counter", "gauge", "get_custom", "health_status", "histogram", "list_custom", "list_series", "runtime_info",
    "system_cpu", "system_disk", "system_memory",
}) do
    metrics[name] = native[name]
end

-- Series

--- Call a function and note how long it took, in seconds: what it returns, and then the milliseconds.
function metrics.timer(name, body, tags)
    expect("string", name, 1, "timer")
    expect("function", body, 2, "timer")
    expect("table", tags, 3, "timer", true)
    local start = native.now()
    local function timed(ok, ...)
        local took = native.now() - start
        native.histogram(name, took, tags)
        if not ok then
            error((...), 0)
        end
        local results, count = { ... }, select("#", ...)
        if count == 1 and results[1] == nil then -- nothing and nil cross alike
            count = 0
        end
        results[count + 1] = took * 1000
        return unpack(results, 1, count + 1)
    end
    return timed(pcall(body))
end

-- Alerts

local LOOKED_AT = 250 -- milliseconds between two looks whether those fell that stand: their modules may go
local looking ---@type { cancel: fun() }?

local function look()
    local found = native.fallen()
    for _, text in ipairs(found[1]) do
        host.log.info(text)
    end
    if not found[2] and looking then
        looking:cancel()
        looking = nil
    end
end

--- Look at a value: whether it has just passed its threshold. Then `onAlert` is told, once until it falls back; each
--- time where there is no threshold or no value.
---@param name string
---@param about { level: string?, message: string?, threshold: number?, value: number? } what else is in it is told, too
---@return boolean?, string?
function metrics.alert(name, about)
    expect("string", name, 1, "alert")
    expect("table", about, 2, "alert")
    for _, key in ipairs({ "threshold", "value" }) do
        if about[key] ~= nil and type(about[key]) ~= "number" then
            error(("bad field '%s' to 'alert' (number expected, got %s)"):format(key, type(about[key])), 2)
        end
    end
    local told = {}
    for key, each in pairs(about) do
        told[key] = each
    end
    told.name, told.level, told.message = name, about.level or "warning", tostring(about.message or name)
    local fired, why = native.alert(name, told.level, told.message, about.threshold, about.value)
    if fired then
        looking = looking or host.every(LOOKED_AT, look)
        host.emit("onAlert", told)
    end
    return fired, why
end

return M
