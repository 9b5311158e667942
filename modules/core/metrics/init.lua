--- Counts and measures, for Prometheus and for alerts; each module's series carry its name.

local native = host.native

local M = { exports = {} }
local metrics = M.exports

local function expect(kind, value, position, where, optional)
    if type(value) ~= kind and not (optional and value == nil) then
        error(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, where, kind, type(value)), 3)
    end
end

-- The machine

--- `percent` since the call before, and `cores`; it does not wait.
function metrics.system_cpu()
    return native.system_cpu()
end

--- `total`, `available`, `used` in bytes, `percent`.
function metrics.system_memory()
    return native.system_memory()
end

--- `path`, `total`, `used`, `free` in bytes, `percent`; of the root, or of a path that the module may read.
---@param path string?
function metrics.system_disk(path)
    expect("string", path, 1, "system_disk", true)
    return native.system_disk(path)
end

--- Of the host's process: `pid`, `memory`, `cpu_seconds`, `threads`, `uptime`, `python`, `platform`.
function metrics.runtime_info()
    return native.runtime_info()
end

-- Series

---@param name string
---@param value number
---@param tags table<string, string>?
---@return true?, string?
function metrics.gauge(name, value, tags)
    expect("string", name, 1, "gauge")
    expect("number", value, 2, "gauge")
    expect("table", tags, 3, "gauge", true)
    return native.gauge(name, value, tags)
end

--- Add to a counter (1 without a value): what it is then.
---@return number?, string?
function metrics.counter(name, value, tags)
    expect("string", name, 1, "counter")
    expect("number", value, 2, "counter", true)
    expect("table", tags, 3, "counter", true)
    value = value or 1
    if not (value >= 0 and value < math.huge) then
        error("bad argument #2 to 'counter' (a number from 0 on expected)", 2)
    end
    return native.counter(name, value, tags)
end

---@return true?, string?
function metrics.histogram(name, value, tags)
    expect("string", name, 1, "histogram")
    expect("number", value, 2, "histogram")
    expect("table", tags, 3, "histogram", true)
    if value ~= value then
        error("bad argument #2 to 'histogram' (number expected, got nan)", 2)
    end
    return native.histogram(name, value, tags)
end

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
        results[count + 1] = took * 1000
        return unpack(results, 1, count + 1)
    end
    return timed(pcall(body))
end

--- What a series of the module is: a number; of a histogram `count`, `sum`, `mean`.
function metrics.get_custom(name, tags)
    expect("string", name, 1, "get_custom")
    expect("table", tags, 2, "get_custom", true)
    return native.get_custom(name, tags)
end

--- All series of the module: `name`, `kind`, `tags`, `value`.
function metrics.list_custom()
    return native.list_custom()
end

-- Alerts

--- Look at a value: whether it has just passed its threshold. Then `onAlert` is told, once until it falls back.
---@param name string
---@param about { level: string?, message: string?, threshold: number, value: number }
---@return boolean?, string?
function metrics.alert(name, about)
    expect("string", name, 1, "alert")
    expect("table", about, 2, "alert")
    for _, key in ipairs({ "threshold", "value" }) do
        if type(about[key]) ~= "number" then
            error(("bad field '%s' to 'alert' (number expected, got %s)"):format(key, type(about[key])), 2)
        end
    end
    local level, message = about.level or "warning", about.message or name
    local fired, why = native.alert(name, level, tostring(message), about.threshold, about.value)
    if fired then
        host.emit("onAlert", {
            name = name, level = level, message = message, threshold = about.threshold, value = about.value,
        })
    end
    return fired, why
end

--- `status`: healthy, degraded (a warning) or critical, by the alerts that stand, which are in `alerts`.
function metrics.health_status()
    return native.health_status()
end

return M
