--- Watching a machine and a service in the way in which scripts for sloth-runner do.

-- The machine
local cpu = metrics.system_cpu()
log.info("cpu: " .. string.format("%.1f%%", cpu))
local memory = metrics.system_memory()
log.info(string.format("memory: %.1f%% (%.0f/%.0f MB)", memory.percent, memory.used_mb, memory.total_mb))
local disk = metrics.system_disk("/")
log.info(string.format("disk: %.1f%% (%.1f/%.1f GB)", disk.percent, disk.used_gb, disk.total_gb))
local runtime = metrics.runtime_info()
log.info("cores: " .. runtime.num_cpu .. ", collections: " .. runtime.num_gc)

-- What is measured
metrics.gauge("queue_size", 23)
metrics.gauge("progress", 75.5, { app = "shop", version = "v2" })
local requests = metrics.counter("requests", 1)
log.info("requests: " .. requests)
metrics.counter("errors", 1, { code = "500", path = "/users" })
assert(metrics.counter("messages", 50, { queue = "mail" }) == 50)
metrics.histogram("response_ms", 245.6, { path = "/users", method = "GET" })

local took = metrics.timer("numbers", function()
    local sum = 0
    for i = 1, 1000 do
        sum = sum + math.sqrt(i)
    end
end, { size = "small" })
log.info("it took " .. string.format("%.2f ms", took))

for call = 1, 3 do
    local ms = metrics.timer("call_" .. call, function() end, { number = tostring(call) })
    metrics.histogram("call_ms", ms, { path = "health" })
    if ms > 1000 then
        metrics.counter("slow_calls", 1)
    end
end

-- Health
local health = metrics.health_status()
log.info("overall: " .. health.overall)
for _, part in ipairs({ "cpu", "memory", "disk" }) do
    local found = health[part]
    if found then
        log.info(string.format("%s: %.1f%% (%s)", part:upper(), found.usage, found.status))
    end
end

-- Alerts
metrics.alert("backlog", { level = "warning", message = "much waits", threshold = 20, value = 23, severity = "medium" })
metrics.alert("resources", { level = "critical", message = "all is full", memory_usage = memory.percent })

-- What there is
local queue = metrics.get_custom("queue_size")
if queue then
    log.info("queue: " .. tostring(queue))
end
local all = metrics.list_custom()
for place, name in ipairs(all) do
    log.info("  " .. place .. ". " .. name)
end
assert(#all == 11, #all)
