"""Scripts as users of sloth-runner write them run as they are, in a task, by the names and results that they know."""

from __future__ import annotations

from typing import Final

import pytest

from host import Host
from tests.engine.place import Place, lines
from tests.modules.bundled import ROOT

SCRIPTS: Final = {
    "a pool over a list of files": (
        """
        goroutine.pool_create("files", { workers = 3 })
        local files = { "a.txt", "b.txt", "c.txt", "d.txt" }
        for _, file in ipairs(files) do
            local task_id, err = goroutine.pool_submit("files", function()
                log.info("reading " .. file)
                goroutine.sleep(5)
                return "read " .. file
            end)
            if not task_id then
                log.warn("the pool is full: " .. err)
            else
                log.info("submitted " .. task_id)
            end
        end
        goroutine.pool_wait("files")
        local stats = goroutine.pool_stats("files")
        log.info("completed " .. stats.completed .. " failed " .. stats.failed .. " active " .. stats.active)
        if stats.active == 0 and stats.queued == 0 then
            log.info(stats.name .. " is idle with " .. stats.workers .. " workers")
        end
        goroutine.pool_close("files")
        """,
        ["reading a.txt", "reading d.txt", "completed 4 failed 0 active 0", "files is idle with 3 workers"],
    ),
    "servers in parallel, each with several results": (
        """
        local servers = { { name = "web", port = 80 }, { name = "db", port = 5432 }, { name = "none" } }
        local handles = {}
        for _, server in ipairs(servers) do
            table.insert(handles, goroutine.async(function()
                local ok, answer = pcall(function()
                    return server.name .. ":" .. server.port
                end)
                if not ok then
                    error("no port for " .. server.name)
                end
                goroutine.sleep(math.random(1, 5))
                return server.name, answer, os.date("%Y")
            end))
        end
        local good, bad = 0, 0
        for i, result in ipairs(goroutine.await_all(handles)) do
            if result.success then
                good = good + 1
                log.info("task " .. i .. ": " .. result.values[1] .. " at " .. result.values[2])
            else
                bad = bad + 1
                log.error("task " .. i .. ": " .. (result.error or "unknown"))
            end
        end
        log.info("good " .. good .. " bad " .. bad)
        """,
        ["task 1: web at web:80", "task 2: db at db:5432", "no port for none", "good 2 bad 1"],
    ),
    "one handle, and a time limit": (
        """
        local handle = goroutine.async(function()
            return "first", "second"
        end)
        local success, first, second = goroutine.await(handle)
        if success then
            log.info("got " .. first .. " and " .. second)
        end
        local done, result = goroutine.timeout(20, function()
            goroutine.sleep(5000)
            return "late"
        end)
        if done then
            log.info("done: " .. result)
        else
            log.error("timeout: " .. result)
        end
        """,
        ["got first and second", "timeout: timeout exceeded"],
    ),
    "a group of workers with an atomic counter and a lock": (
        """
        local wg = goroutine.wait_group()
        local mu = goroutine.mutex()
        local counter = goroutine.atomic_int(0)
        wg:add(4)
        for i = 1, 4 do
            goroutine.spawn(function()
                for _ = 1, 25 do
                    mu:lock()
                    counter:store(counter:load() + 1)
                    mu:unlock()
                end
                wg:done()
            end)
        end
        wg:wait()
        log.info("counted " .. counter:load())
        goroutine.spawn_many(3, function(id)
            log.info("worker " .. tostring(id))
        end)
        goroutine.sleep(200)
        """,
        ["counted 100", "worker 1", "worker 3"],
    ),
    "producers and consumers": (
        """
        local queue = goroutine.channel(3)
        local wg = goroutine.wait_group()
        local sum = goroutine.atomic_int(0)
        wg:add(1)
        goroutine.spawn(function()
            for i = 1, 20 do
                queue:send({ id = i })
            end
            queue:close()
            wg:done()
        end)
        for consumer_id = 1, 3 do
            wg:add(1)
            goroutine.spawn(function()
                local id = consumer_id
                queue:range(function(item)
                    sum:add(item.id)
                end)
                log.info("consumer " .. id .. " is done")
                wg:done()
            end)
        end
        wg:wait()
        log.info("sum " .. sum:load() .. " closed " .. tostring(queue:is_closed()))
        """,
        ["consumer 1 is done", "consumer 3 is done", "sum 210 closed true"],
    ),
    "a pipeline that drops what is not valid": (
        """
        local function parse(text) return tonumber(text) end
        local function valid(number) return number ~= nil and number > 0 end
        local input = goroutine.channel(100)
        local output = goroutine.pipeline(input, {
            { workers = 2, fn = function(raw) return parse(raw) or -1 end },
            { workers = 3, fn = function(data) if valid(data) then return data end return nil end },
            { workers = 1, fn = function(data) return { value = data * 2 } end },
        })
        goroutine.spawn(function()
            for _, text in ipairs({ "1", "two", "3", "-4", "5" }) do
                input:send(text)
            end
            input:close()
        end)
        local total, count = 0, 0
        output:range(function(processed)
            total, count = total + processed.value, count + 1
        end)
        log.info(count .. " records, " .. total)
        """,
        ["3 records, 18"],
    ),
    "work spread over channels and collected again": (
        """
        local jobs = goroutine.channel(100)
        local results = {}
        for i, out in ipairs(goroutine.fan_out(jobs, 4)) do
            local mine = goroutine.channel(10)
            results[i] = mine
            goroutine.spawn(function()
                out:range(function(job)
                    mine:send(job.id * 10)
                end)
                mine:close()
            end)
        end
        goroutine.spawn(function()
            for i = 1, 50 do
                jobs:send({ id = i })
            end
            jobs:close()
        end)
        local merged, sum = goroutine.fan_in(results), 0
        merged:range(function(value)
            sum = sum + value
        end)
        log.info("sum " .. sum)
        """,
        ["sum 12750"],
    ),
    "selects": (
        """
        local ch1, ch2 = goroutine.channel(1), goroutine.channel(1)
        goroutine.spawn(function()
            goroutine.sleep(10)
            ch1:send("from ch1")
        end)
        local cases = {
            { channel = ch1, receive = true, handler = function(value) log.info("1: " .. value) end },
            { channel = ch2, receive = true, handler = function(value) log.info("2: " .. value) end },
        }
        local timedout, result = goroutine.select_timeout(5000, cases)
        if timedout then
            log.info("timed out")
        else
            log.info("case " .. result)
        end
        goroutine.select({
            cases[1],
            { default = true, handler = function() log.info("nothing is ready") end },
        })
        goroutine.select({
            { channel = ch2, send = "my value", handler = function() log.info("sent") end },
            { default = true, handler = function() log.info("full") end },
        })
        log.info("timed out " .. tostring((goroutine.select_timeout(5, { cases[1] }))))
        """,
        ["1: from ch1", "case 1", "nothing is ready", "sent", "timed out true"],
    ),
    "contexts": (
        """
        local ctx, cancel = goroutine.context()
        local limited = ctx:with_timeout(15)
        local child, cancel_child = ctx:with_cancel()
        local wg = goroutine.wait_group()
        wg:add(1)
        goroutine.spawn(function()
            for i = 1, 1000 do
                if limited:is_cancelled() then
                    log.info("stopped: " .. limited:err())
                    break
                end
                goroutine.sleep(2)
            end
            wg:done()
        end)
        wg:wait()
        cancel_child()
        log.info("child " .. tostring(child:err()) .. ", parent " .. tostring(ctx:is_cancelled()))
        local deadline, has = ctx:with_deadline(os.time() * 1000 + 10000):deadline()
        log.info("deadline " .. tostring(has and deadline > os.time() * 1000))
        ctx:cancel()
        log.info("parent " .. ctx:err())
        """,
        ["stopped: context deadline exceeded", "child context canceled, parent false", "deadline true"],
    ),
    "a condition and a semaphore": (
        """
        local cond = goroutine.cond()
        local mu = cond:get_mutex()
        local ready, wg, sem = goroutine.atomic_int(0), goroutine.wait_group(), goroutine.semaphore(2)
        for i = 1, 3 do
            wg:add(1)
            goroutine.spawn(function()
                mu:lock()
                while ready:load() == 0 do
                    cond:wait()
                end
                mu:unlock()
                sem:acquire()
                goroutine.sleep(2)
                sem:release()
                wg:done()
            end)
        end
        goroutine.sleep(10)
        mu:lock()
        ready:store(1)
        cond:broadcast()
        mu:unlock()
        wg:wait()
        log.info("all through, " .. sem:available() .. " of " .. sem:capacity())
        """,
        ["all through, 2 of 2"],
    ),
}


@pytest.mark.parametrize(("script", "said"), SCRIPTS.values(), ids=list(SCRIPTS))
async def test_a_script_runs(script: str, said: list[str], place: Place) -> None:
    lua = f"""
    local goroutine = require("goroutine")
    local log = require("log")
    return {{ execute = function()
    {script}
    return {{ status = "success" }} end }}
    """
    place.module("script", lua, more='[dependencies]\ngoroutine = "*"\nlog = "*"\n[limits]\ncall = "2 s"\n')
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("script")
        assert await host.execute("script") == {"status": "success"}
        written = lines(host.chronicle, "script")
        assert [text for text in said if not any(text in line for line in written)] == [], written
        assert host.snapshot().modules["script"].faults == 0
