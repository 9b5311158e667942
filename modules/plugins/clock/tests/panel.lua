--- What the clock shows.

local T = { config = { interval = 10 } }

function T.time_and_ticks_are_shown(t)
    t.eventually(function()
        return t.panel("clock").ticks.value >= 2
    end)
    local shown = t.panel("clock")
    t.matches(shown.time.value, "^%d%d:%d%d:%d%d$")
    t.matches(shown.date.value, "^%d%d%d%d%-%d%d%-%d%d$")
    t.matches(shown.minute.text, "^%d+ s$")
end

function T.the_zone_is_chosen_and_survives_a_reload(t)
    t.truthy(t.operate("clock", "zone", "onChange", "UTC"))
    t.truthy(t.reload())
    t.equal(t.panel("clock").zone.value, "UTC")
    t.eventually(function()
        return t.panel("clock").date.value == os.date("!%Y-%m-%d")
    end)
end

return T
