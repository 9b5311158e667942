--- A clock: ticks once a second, and counts on across swaps.

local ZONES = { UTC = "!", ["local time"] = "" } -- how `os.date` is told

local ticks = 0 ---@type integer since the first load; survives swaps
local zone = "local time" ---@type string survives swaps
local timer ---@type { cancel: fun(): boolean }? the beat
local panel ---@type table?

local function shown()
    local now = os.time()
    return {
        time = os.date(ZONES[zone] .. "%H:%M:%S", now),
        date = os.date(ZONES[zone] .. "%Y-%m-%d", now),
        minute = { value = now % 60, text = ("%d s"):format(now % 60) },
        ticks = ticks,
        zone = zone,
    }
end

local function show()
    if panel then
        panel:update(shown())
    end
end

local function tick()
    ticks = ticks + 1
    host.emit("onClockTick", { ticks = ticks, time = os.time() })
    show()
end

local M = {}

-- Lifecycle

function M:init(config)
    local why
    panel, why = host.ui.panel({
        id = "clock",
        title = "Clock",
        children = {
            { kind = "value", id = "time", label = "Time" },
            { kind = "value", id = "date", label = "Date" },
            { kind = "meter", id = "minute", label = "This minute", max = 60 },
            { kind = "value", id = "ticks", label = "Ticks" },
            { kind = "choice", id = "zone", options = { "local time", "UTC" }, onChange = function(chosen)
                zone = chosen
                show()
            end },
        },
    })
    if not panel then
        host.log.warn(("it shows no panel: %s"):format(why))
    end
    show()
    return self:configure(config)
end

function M:configure(config)
    if timer then
        timer:cancel()
    end
    timer = host.every(config.interval or 1000, tick)
end

function M:getState()
    return { ticks = ticks, zone = zone ~= "local time" and zone or nil }
end

function M:setState(state)
    if type(state.ticks) ~= "number" then
        return false, "its ticks are not a number"
    end
    ticks = state.ticks
    zone = ZONES[state.zone] and state.zone or zone
    show()
end

-- Exports

M.exports = {
    --- Seconds since 1970.
    now = function()
        return os.time()
    end,
    --- Ticks since the first load.
    ticks = function()
        return ticks
    end,
}

return M
