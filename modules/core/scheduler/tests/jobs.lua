--- When jobs run, and how long they live.

local T = {}

function T.an_interval_is_kept_until_it_is_cancelled(t)
    local heard = t.listen("onBeat")
    t.truthy(t.call("every", "beat", 0.01, "onBeat"))
    t.eventually(function()
        return #heard >= 2
    end)
    t.equal(heard[1][1].name, "beat")
    t.equal({ heard[1][1].runs, heard[2][1].runs }, { 1, 2 })
    t.equal(t.call("cancel", "beat"), true)
    t.equal(t.call("cancel", "beat"), false)
    t.equal(t.call("jobs"), {})
end

function T.a_function_may_wait_and_may_fail(t)
    local calls = 0
    t.call("every", "work", 0.01, function()
        host.sleep(1)
        calls = calls + 1
        error("on purpose")
    end)
    t.eventually(function()
        return calls >= 2
    end)
    t.call("cancel", "work")
    local lines = {}
    for _, line in ipairs(t.logs()) do
        lines[#lines + 1] = line.text
    end
    t.matches(table.concat(lines, "\n"), "job work of theseus_trial failed: [^\n]*on purpose")
end

function T.a_moment_that_has_passed_is_now_and_once(t)
    local heard = t.listen("onMoment")
    t.call("at", "late", 0, "onMoment")
    t.eventually(function()
        return #heard == 1
    end)
    t.equal(t.call("jobs"), {})
end

function T.a_job_with_an_event_lives_through_a_swap(t)
    local heard = t.listen("onBeat")
    t.call("every", "beat", 0.01, "onBeat")
    t.truthy(t.reload())
    local before = #heard
    t.eventually(function()
        return #heard > before
    end)
    t.equal(t.call("jobs").beat.kind, "every")
end

function T.a_job_of_the_same_name_is_replaced(t)
    t.call("every", "job", 1000, "onA")
    t.call("at", "job", 4102444800, "onB")
    t.equal(t.call("jobs"), { job = { kind = "at", spec = 4102444800, next = 4102444800, runs = 0 } })
end

function T.cron_knows_its_next_time(t)
    local next = t.call("cron", "new_year", "0 0 1 1 *", "onYear")
    t.equal(os.date("!%m-%d %H:%M", next), "01-01 00:00")
    local tokyo = t.call("cron", "tokyo", "0 9 * * *", "onDay", "Asia/Tokyo")
    t.equal(os.date("!%H:%M", tokyo), "00:00")
end

function T.what_is_no_time_is_said(t)
    for why, arguments in pairs({
        ["is no cron expression: minute hour day month weekday"] = { "cron", "c", "often", "onX" },
        ["'61 %* %* %* %*' is no cron expression"] = { "cron", "c", "61 * * * *", "onX" },
        ["'0 0 30 2 %*' is no cron expression"] = { "cron", "c", "0 0 30 2 *", "onX" },
        ["no time zone is called 'Mars'"] = { "cron", "c", "0 0 * * *", "onX", "Mars" },
    }) do
        local nothing, message = t.call(unpack(arguments, 1, 5))
        t.equal(nothing, nil)
        t.matches(message, why)
    end
    t.equal(t.call("jobs"), {})
end

function T.wrong_arguments_are_named(t)
    for message, arguments in pairs({
        ["bad argument #1 to 'every' (a name of 1 to 200 bytes expected)"] = { "every", "", 1, "onX" },
        ["bad argument #2 to 'every' (seconds from 0.01 on expected)"] = { "every", "n", 0, "onX" },
        ["bad argument #3 to 'at' (function or event expected, got number)"] = { "at", "n", 1, 5 },
        ["bad argument #2 to 'cron' (string expected, got number)"] = { "cron", "n", 1, "onX" },
    }) do
        t.raises(function()
            t.call(unpack(arguments))
        end, message)
    end
end

return T
