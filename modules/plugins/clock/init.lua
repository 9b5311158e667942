--- A clock: ticks once a second, and counts on across swaps.

local ticks = 0 ---@type integer since the first load; survives swaps
local timer ---@type { cancel: fun(): boolean }? the beat

local function tick()
    ticks = ticks + 1
    host.emit("onClockTick", { ticks = ticks, time = os.time() })
end

local M = {}

-- Lifecycle

function M:init(config)
    return self:configure(config)
end

function M:configure(config)
    if timer then
        timer:cancel()
    end
    timer = host.every(config.interval or 1000, tick)
end

function M:getState()
    return { ticks = ticks }
end

function M:setState(state)
    if type(state.ticks) ~= "number" then
        return false, "its ticks are not a number"
    end
    ticks = state.ticks
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
