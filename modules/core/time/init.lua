--- Clocks, dates and durations. Moments are seconds since 1970, zones are names as in Europe/Berlin; UTC without one.

local native = host.native

local LONGEST = 2000000 -- seconds of one sleep

local M = { exports = {} }
local time = M.exports

local function expect(kind, value, position, where, optional)
    if type(value) ~= kind and not (optional and value == nil) then
        error(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, where, kind, type(value)), 3)
    end
end

--- Seconds since 1970, with a fraction.
---@return number
function time.now()
    return native.now()
end

--- Seconds since some moment, by a clock that nobody sets.
---@return number
function time.monotonic()
    return native.monotonic()
end

--- `2024-03-01T12:00:00.000Z`
---@param seconds number? now without it
---@param zone string?
---@return string?, string?
function time.iso(seconds, zone)
    expect("number", seconds, 1, "iso", true)
    expect("string", zone, 2, "iso", true)
    return native.iso(seconds, zone)
end

--- A moment as a pattern of `strftime` says.
---@return string?, string?
function time.format(seconds, pattern, zone)
    expect("number", seconds, 1, "format", true)
    expect("string", pattern, 2, "format")
    expect("string", zone, 3, "format", true)
    return native.format(seconds, pattern, zone)
end

--- The parts of a moment: `year month day hour min sec`, `weekday` (Monday is 1), `yday`, `offset` in seconds.
---@return table?, string?
function time.date(seconds, zone)
    expect("number", seconds, 1, "date", true)
    expect("string", zone, 2, "date", true)
    return native.date(seconds, zone)
end

--- ISO 8601 -> seconds; without an offset it is of the zone.
---@return number?, string?
function time.parse(text, zone)
    expect("string", text, 1, "parse")
    expect("string", zone, 2, "parse", true)
    return native.parse(text, zone)
end

--- `1h 30m`, `250ms` -> seconds.
---@return number?, string?
function time.duration(text)
    expect("string", text, 1, "duration")
    return native.duration(text)
end

--- Wait for so many seconds.
function time.sleep(seconds)
    expect("number", seconds, 1, "sleep")
    if not (seconds >= 0 and seconds <= LONGEST) then
        error(("bad argument #1 to 'sleep' (seconds from 0 to %d expected)"):format(LONGEST), 2)
    end
    host.sleep(seconds * 1000)
end

return M
