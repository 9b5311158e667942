--- So many jobs at a time, and a queue.

local goroutine = require("goroutine")

local T = {}

function T.a_full_queue_says_so_and_the_pool_goes_on(t)
    local gate = goroutine.channel()
    t.truthy(goroutine.pool_create("p", { workers = 1, queue = 2 }))
    local function wait()
        return gate:receive()
    end
    for _ = 1, 3 do
        t.truthy(goroutine.pool_submit("p", wait))
    end
    local id, why = goroutine.pool_submit("p", wait)
    t.equal(id, nil)
    t.matches(why, "the queue of pool p is full: 2 jobs wait")
    t.equal(goroutine.pool_stats("p").queued, 2)
    for _ = 1, 3 do
        gate:send("go")
    end
    t.truthy(goroutine.pool_wait("p"))
    t.truthy(goroutine.pool_submit("p", function() end))
    t.truthy(goroutine.pool_wait("p"), "it can be used after a wait")
    t.equal(goroutine.pool_stats("p").completed, 4)
end

function T.no_more_run_at_a_time_than_there_are_workers(t)
    local now, most = goroutine.atomic_int(0), goroutine.atomic_int(0)
    goroutine.pool_create("p", { workers = 3 })
    for _ = 1, 30 do
        goroutine.pool_submit("p", function()
            local running = now:add(1)
            local known = most:load()
            while running > known and not most:compare_and_swap(known, running) do
                known = most:load()
            end
            goroutine.sleep(1)
            now:add(-1)
        end)
    end
    goroutine.pool_wait("p")
    t.equal({ now:load(), most:load() }, { 0, 3 })
end

function T.a_job_that_fails_is_counted_and_told_to_who_asks(t)
    goroutine.pool_create("p", { workers = 2 })
    local id = goroutine.pool_submit("p", function()
        error({ code = 7 })
    end)
    t.falsy((goroutine.pool_result(id)))
    t.truthy((goroutine.pool_result(goroutine.pool_submit("p", function() end))))
    local stats = goroutine.pool_stats("p")
    t.equal({ stats.failed, stats.completed }, { 1, 1 })
end

function T.what_was_submitted_is_done_after_a_close_too(t)
    local done = goroutine.atomic_int(0)
    goroutine.pool_create("p", { workers = 1 })
    local id
    for _ = 1, 10 do
        id = goroutine.pool_submit("p", function()
            done:add(1)
        end)
    end
    t.truthy(goroutine.pool_close("p"))
    t.truthy(goroutine.pool_create("p"), "the name is free")
    t.truthy((goroutine.pool_result(id)))
    t.equal(done:load(), 10)
end

function T.a_pool_that_is_not_there_is_a_message(t)
    for _, name in ipairs({ "pool_wait", "pool_stats" }) do
        local nothing, why = goroutine[name]("none")
        t.equal(nothing, nil)
        t.matches(why, "there is no pool none")
    end
    local nothing, why = goroutine.pool_submit("none", function() end)
    t.equal(nothing, nil)
    t.matches(why, "there is no pool none")
    t.falsy(goroutine.pool_close("none"))
    t.equal(goroutine.pool_create("twice"), true)
    t.matches(select(2, goroutine.pool_create("twice")), "there is a pool twice already")
    t.equal({ goroutine.pool_result("twice-x") }, { false, "there is no job twice-x" })
    t.equal((goroutine.pool_result("twice-999")), false)
end

return T
