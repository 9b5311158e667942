--- What is counted, and what is refused.

local T = {}

function T.each_set_of_tags_is_a_series(t)
    t.equal(t.call("counter", "n", 1, { a = "x" }), 1)
    t.equal(t.call("counter", "n", 2, { a = "y" }), 2)
    t.equal(t.call("counter", "n", 1, { a = "x" }), 2)
    t.equal(t.call("counter", "n"), 1)
    t.equal(t.call("get_custom", "n", { a = "y" }), 2)
    t.equal(t.call("get_custom", "m"), nil)
    t.equal(#t.call("list_series"), 3)
    t.equal(t.call("list_custom"), { "n" })
end

function T.a_histogram_counts_sums_and_has_a_mean(t)
    t.call("histogram", "h", 1)
    t.call("histogram", "h", 3)
    t.equal(t.call("get_custom", "h"), { count = 2, sum = 4, mean = 2 })
end

function T.a_timer_gives_what_its_function_does(t)
    local a, b, c, ms = t.call("timer", "t", function()
        host.sleep(5)
        return 1, nil, 3
    end)
    t.equal({ a, b == nil, c, ms >= 4 }, { 1, true, 3, true })
    t.raises(function()
        t.call("timer", "t", function()
            error("no")
        end)
    end, "no")
    t.equal(t.call("get_custom", "t").count, 2)
end

function T.an_alert_fires_once_until_it_falls_back(t)
    local heard = t.listen("onAlert")
    local function at(value)
        return t.call("alert", "a", { threshold = 2, value = value })
    end
    t.equal({ at(1), at(3), at(4), at(2), at(3) }, { false, true, false, false, true })
    t.equal(#heard, 2)
    t.equal(heard[1][1], { name = "a", level = "warning", message = "a", threshold = 2, value = 3 })
    t.equal(t.call("health_status").status, "degraded")
end

function T.an_alert_without_a_threshold_is_told_each_time_with_all_that_was_said(t)
    local heard = t.listen("onAlert")
    t.equal(t.call("alert", "slow", { level = "info", took = 5 }), true)
    t.equal(t.call("alert", "slow", { level = "info", took = 6 }), true)
    t.equal(heard[2][1], { name = "slow", level = "info", message = "slow", took = 6 })
    t.equal(t.call("health_status").alerts, {})
end

function T.health_names_the_parts_of_the_machine_and_the_worst_of_all(t)
    local health = t.call("health_status")
    for _, part in ipairs({ "cpu", "memory", "disk" }) do
        t.truthy(health[part].usage >= 0 and health[part].usage <= 100)
    end
    t.call("alert", "a", { level = "critical", threshold = 1, value = 2 })
    t.equal(t.call("health_status").overall, "critical")
end

function T.what_cannot_be_counted_is_said(t)
    for why, arguments in pairs({
        ["is no name of a metric"] = { "gauge", "two words", 1 },
        ["is no name of a tag"] = { "gauge", "g", 1, { module = "x" } },
        ["is no level"] = { "alert", "a", { level = "loud", threshold = 1, value = 2 } },
    }) do
        local nothing, message = t.call(unpack(arguments))
        t.equal(nothing, nil)
        t.matches(message, why)
    end
    t.call("counter", "kind")
    local nothing, message = t.call("gauge", "kind", 1)
    t.equal({ nothing == nil, message }, { true, "kind is a counter, and cannot be a gauge" })
    local refused
    for n = 1, 1001 do
        nothing, refused = t.call("gauge", "many", n, { n = n })
        if nothing == nil then
            break
        end
    end
    t.matches(refused, "more than 1000 series")
end

function T.wrong_arguments_are_named(t)
    for message, arguments in pairs({
        ["bad argument #2 to 'gauge' (number expected, got string)"] = { "gauge", "g", "1" },
        ["bad argument #2 to 'counter' (a number from 0 on expected)"] = { "counter", "c", -1 },
        ["got nan"] = { "histogram", "h", 0 / 0 },
        ["bad field 'value' to 'alert'"] = { "alert", "a", { threshold = 1, value = "2" } },
    }) do
        t.raises(function()
            t.call(unpack(arguments))
        end, message)
    end
end

function T.a_path_is_read_only_with_permission(t)
    local nothing, why = t.call("system_disk", "/home")
    if nothing == nil then
        t.matches(why, "permission denied")
    end
end

return T
