--- Ticks, and what becomes of them.

local T = { config = { interval = 10 } }

function T.ticks_are_counted_and_told(t)
    local heard = t.listen("onClockTick")
    t.eventually(function()
        return #heard >= 2
    end)
    t.equal(heard[2][1].ticks, heard[1][1].ticks + 1)
    t.equal(type(heard[1][1].time), "number")
end

function T.ticks_go_on_after_a_reload(t)
    t.eventually(function()
        return t.call("ticks") >= 2
    end)
    local before = t.call("ticks")
    t.reload()
    t.truthy(t.call("ticks") >= before, "fewer ticks than before the reload")
    t.eventually(function()
        return t.call("ticks") > before
    end)
end

function T.now_is_the_time_of_day(t)
    t.truthy(math.abs(t.call("now") - os.time()) <= 1)
end

return T
