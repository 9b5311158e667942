--- What moments are, and what is none.

local T = {}

local function refused(t, ...)
    local nothing, why = t.call(...)
    t.equal(nothing, nil)
    return why
end

function T.text_and_seconds_are_the_same_moment(t)
    t.equal(t.call("parse", "2000-01-01T00:00:00Z"), 946684800)
    t.equal(t.call("parse", "2000-01-01T00:00:00+01:00"), 946681200)
    t.equal(t.call("parse", "2000-01-01", "America/New_York"), 946702800)
    t.equal(t.call("iso", 946684800.5), "2000-01-01T00:00:00.500Z")
    t.equal(t.call("date", 946684800), {
        year = 2000, month = 1, day = 1, hour = 0, min = 0, sec = 0, weekday = 6, yday = 1, offset = 0,
    })
end

function T.a_zone_has_its_summer_time(t)
    t.equal(t.call("date", 1719828000, "Europe/Berlin").offset, 7200)
end

function T.durations_add_up(t)
    t.equal(t.call("duration", "1d2h3m4s"), 93784)
    t.equal(t.call("duration", "1.5 h 250ms"), 5400.25)
end

function T.what_is_none_is_said(t)
    t.matches(refused(t, "parse", "tomorrow"), "'tomorrow' is no moment")
    t.matches(refused(t, "duration", "5 apples"), "is no duration")
    t.matches(refused(t, "duration", ""), "is no duration")
    t.matches(refused(t, "duration", ("1h "):rep(100000)), "it has more than 200 characters")
    t.matches(refused(t, "iso", 0, "Mars/Olympus"), "no time zone is called 'Mars/Olympus'")
    t.matches(refused(t, "iso", 0, "../../etc/passwd"), "no time zone")
    t.matches(refused(t, "format", 0, "%999999999d"), "is no pattern")
    t.matches(refused(t, "iso", 1e300), "is no moment")
    t.matches(refused(t, "iso", -1), "is no moment")
    t.raises(function()
        t.call("sleep", "1")
    end, "number expected, got string")
    for _, seconds in ipairs({ -1, 0 / 0, 1e18 }) do
        t.raises(function()
            t.call("sleep", seconds)
        end, "bad argument #1 to 'sleep' (seconds from 0 to 2000000 expected)")
    end
    t.equal(refused(t, "format", 0, "\195\188%d\255"), "the pattern is no UTF-8")
    t.equal(refused(t, "parse", "\255"), "the text is no UTF-8")
    t.equal(refused(t, "duration", "\255"), "the text is no UTF-8")
    t.equal(refused(t, "iso", 0, "\255"), "the name of the zone is no UTF-8")
end

return T
