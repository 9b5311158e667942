--- Each kind fails as README.md says, and the module runs on.

local T = { config = { slowMs = 20, lines = 50 } }

local function expect_fault(t, kind, text)
    local failures = t.emit("onFaultyTry", kind).failures
    t.equal(#failures, 1, kind)
    t.truthy(failures[1]:find(text, 1, true), failures[1])
    t.equal(t.call("tries"), 1)
end

function T.raise_is_a_fault_with_its_line(t)
    expect_fault(t, "raise", "raised on purpose")
end

function T.mistake_is_a_fault(t)
    expect_fault(t, "mistake", "attempt to index a nil value")
end

function T.table_is_a_fault(t)
    expect_fault(t, "table", "a table")
end

function T.loop_is_ended(t)
    expect_fault(t, "loop", "over its limit of 100 ms")
end

function T.swallow_is_ended(t)
    expect_fault(t, "swallow", "over its limit of 100 ms")
end

function T.coroutine_is_ended(t)
    expect_fault(t, "coroutine", "over its limit of 100 ms")
end

function T.pattern_is_ended(t)
    expect_fault(t, "pattern", "over its limit of 100 ms")
end

function T.allocate_is_ended(t)
    expect_fault(t, "allocate", "over its memory of 8 MiB")
end

function T.recurse_is_ended(t)
    expect_fault(t, "recurse", "stack overflow")
end

function T.echo_is_ended(t)
    t.emit("onFaultyTry", "echo")
    t.truthy(t.call("tries") < 100)
    t.matches(t.logs()[1].text, "nested deeper")
end

function T.slow_fails_not(t)
    t.equal(t.emit("onFaultyTry", "slow").failures, {})
end

function T.flood_writes_its_lines(t)
    t.emit("onFaultyTry", "flood")
    t.equal(#t.logs(), 50)
end

function T.timer_raises_once(t)
    t.emit("onFaultyTry", "timer")
    t.eventually(function()
        return #t.logs() > 0
    end)
    t.matches(t.logs()[1].text, "faulty failed in timer: .*raised on purpose")
end

function T.state_lets_nothing_be_swapped_until_it_is_mended(t)
    t.emit("onFaultyTry", "state")
    local report, why = t.reload()
    t.equal(report, nil)
    t.matches(why, "state.socket is a function")
    t.emit("onFaultyTry", "mend")
    t.truthy(t.reload())
    t.equal(t.call("tries"), 2)
end

function T.a_kind_that_is_none_is_a_mistake_of_the_caller(t)
    t.raises(function()
        t.call("try", "gently")
    end, "got gently")
end

function T.configured_failures_leave_the_running_one_as_it_was(t)
    t.emit("onFaultyTry", "slow")
    for _, way in ipairs({ "init refuses", "init raises", "init loops", "setState raises", "validate refuses" }) do
        local done, why = t.configure({ fail = way })
        t.falsy(done, way)
        t.truthy(why)
        t.equal(t.call("tries"), 1, way)
    end
end

return T
