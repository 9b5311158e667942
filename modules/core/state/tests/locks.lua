--- Who holds a lock, and until when.

local T = {}

function T.a_lock_is_held_until_it_is_given_back(t)
    t.equal(t.call("try_lock", "door"), true)
    t.equal(t.call("try_lock", "door"), false)
    t.equal(t.call("unlock", "door"), true)
    t.equal(t.call("try_lock", "door"), true)
end

function T.what_nobody_holds_cannot_be_given_back(t)
    local done, why = t.call("unlock", "door")
    t.equal({ done == nil, why }, { true, "lock door is not held by this module" })
end

function T.a_wait_for_a_lock_ends_when_it_is_free(t)
    local order = {}
    t.call("lock", "door")
    local other = host.async(function()
        t.call("lock", "door")
        order[#order + 1] = "second"
        t.call("unlock", "door")
    end)
    host.sleep(5)
    order[#order + 1] = "first"
    t.call("unlock", "door")
    t.equal(other.wait(), true)
    t.equal(order, { "first", "second" })
end

function T.a_wait_for_a_lock_has_an_end(t)
    t.call("lock", "door")
    local done, why = t.call("lock", "door", 0.01)
    t.equal({ done == nil, why }, { true, "lock door was not free within 0.01 s" })
end

function T.with_lock_gives_what_the_function_returns(t)
    local a, b, c = t.call("with_lock", "door", function()
        t.equal(t.call("try_lock", "door"), false)
        host.sleep(1)
        return 1, nil, 3
    end)
    t.equal({ a, b == nil, c }, { 1, true, 3 })
    t.equal(t.call("try_lock", "door"), true)
end

function T.an_error_gives_the_lock_back(t)
    t.raises(function()
        t.call("with_lock", "door", function()
            error("no")
        end)
    end, "no")
    t.equal(t.call("try_lock", "door"), true)
end

function T.a_task_that_is_cancelled_gives_the_lock_back(t)
    local task = host.async(function()
        t.call("with_lock", "door", function()
            host.sleep(1e6)
        end)
    end)
    host.sleep(5)
    t.equal(t.call("try_lock", "door"), false)
    task.cancel()
    task.wait()
    t.equal(t.call("lock", "door", 5), true)
end

function T.a_lock_with_a_time_frees_itself(t)
    t.equal(t.call("try_lock", "door", 0.001), true)
    t.eventually(function()
        return t.call("try_lock", "door")
    end)
end

return T
