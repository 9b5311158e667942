--- What jobs are given, what they give, and how they end.

local goroutine = require("goroutine")

local T = {}

local function ran(body, ...)
    return goroutine.await(goroutine.async(body, ...))
end

function T.what_a_job_returns_comes_back_with_its_types_and_gaps(t)
    local list = { 1, "two", true, { deep = { 3 } } }
    local ok, a, b, c, d = ran(function(...)
        return nil, list, select("#", ...), 2 ^ 53
    end, nil, nil, nil)
    t.equal({ ok, a == nil, b, c, d }, { true, true, list, 3, 2 ^ 53 })
end

function T.upvalues_are_copies_as_they_were(t)
    local seen, table_ = 1, { n = 1 }
    local handle = goroutine.async(function()
        seen, table_.n = seen + 1, table_.n + 1
        return seen, table_.n
    end)
    seen, table_.n = 10, 10
    t.equal({ goroutine.await(handle) }, { true, 2, 2 })
    t.equal({ seen, table_.n }, { 10, 10 })
end

function T.functions_come_along_and_share_what_they_shared(t)
    local count = 0
    local function up()
        count = count + 1
    end
    local function factorial(n)
        up()
        return n < 2 and 1 or n * factorial(n - 1)
    end
    t.equal({ ran(function()
        return factorial(5), count
    end) }, { true, 120, 5 })
    t.equal(count, 0)
end

function T.tables_keep_who_they_are_their_cycles_and_metatables(t)
    local point = {}
    point.__index = point
    function point:sum()
        return self.x + self.y
    end
    local node = setmetatable({ x = 1, y = 2 }, point)
    node.me = node
    local same = { node, node }
    t.equal({ ran(function()
        return node.me == node, same[1] == same[2], same[1] == node, node:sum()
    end) }, { true, true, true, true, 3 })
end

function T.libraries_and_the_host_are_there(t)
    local upper, host_ = string.upper, host
    t.equal({ ran(function()
        host_.sleep(1)
        return upper("a"), string.upper == upper, type(host_.log.info), _G.string == string
    end) }, { true, "A", true, "function", true })
end

function T.globals_are_the_job_s_own(t)
    t.equal({ ran(function()
        rawset(_G, "mine", (rawget(_G, "mine") or 0) + 1)
        return mine -- luacheck: ignore
    end) }, { true, 1 })
    t.equal({ ran(function()
        return rawget(_G, "mine")
    end) }, { true })
end

function T.what_has_no_copy_is_named(t)
    local config = { socket = { thread = coroutine.create(function() end) } }
    local function helper()
        return config
    end
    t.raises(function()
        goroutine.spawn(function()
            return config.socket
        end)
    end, "upvalue config.socket.thread is a coroutine, of which a job gets no copy")
    t.raises(function()
        goroutine.async(function()
            return helper()
        end)
    end, "upvalue helper.config.socket.thread is a coroutine")
    t.raises(function()
        goroutine.async(function() end, function() end)
    end, "the argument is a function")
    local ok, why = ran(function()
        return { f = function() end }
    end)
    t.falsy(ok)
    t.matches(why, "what the job returns%.f is a function")
end

function T.what_belongs_to_the_module_is_not_there(t)
    local functions = {
        ["host.emit"] = function() host.emit("onIt") end,
        ["host.filter"] = function() host.filter("onIt", 1) end,
        ["a timer"] = function() host.after(1, function() end) end,
        ["host.async"] = function() host.async(function() end) end,
    }
    for name, body in pairs(functions) do
        local ok, why = ran(body)
        t.falsy(ok, name)
        t.matches(why, name:gsub("%.", "%%.") .. " is not there in a job")
    end
end

function T.results_are_in_the_order_of_the_handles(t)
    local handles = {}
    for n = 1, 5 do
        handles[n] = goroutine.async(function()
            goroutine.sleep(6 - n)
            if n == 3 then
                error("three")
            end
            return n
        end)
    end
    local results = goroutine.await_all(handles)
    for n = 1, 5 do
        t.equal(results[n].success, n ~= 3)
    end
    t.equal({ results[1].values[1], results[5].values[1] }, { 1, 5 })
    t.matches(results[3].error, "three")
    t.equal({ goroutine.await(handles[5]) }, { true, 5 }, "and can be asked for again")
end

function T.a_timeout_stops_a_loop_a_wait_and_what_catches_errors(t)
    local lived = goroutine.atomic_int(0)
    local bodies = {
        function()
            while true do
                pcall(function()
                    while true do
                        lived:add(1)
                    end
                end)
            end
        end,
        function()
            goroutine.channel():receive()
        end,
        function()
            local caught = pcall(goroutine.sleep, 1e6)
            lived:store(caught and 1 or -1)
        end,
        function()
            coroutine.wrap(function()
                while true do end
            end)()
        end,
    }
    for _, body in ipairs(bodies) do
        t.equal({ goroutine.timeout(20, body) }, { false, "timeout exceeded" })
        local then_ = lived:load()
        goroutine.sleep(2)
        t.equal(lived:load(), then_, "it is really stopped")
    end
    t.equal({ goroutine.timeout(10000, function() return "in time" end) }, { true, "in time" })
end

function T.memory_is_limited_and_costs_the_job_alone(t)
    local ok, why = ran(function()
        local all = {}
        for n = 1, 1e9 do
            all[n] = ("x"):rep(1000) .. n
        end
        return #all
    end)
    t.falsy(ok)
    t.matches(why, "memory")
    t.equal({ ran(function() return 1 end) }, { true, 1 })
end

function T.locks_of_a_job_that_fails_or_is_stopped_are_free_again(t)
    local mutex, semaphore = goroutine.mutex(), goroutine.semaphore(1)
    local function hold(after)
        mutex:lock()
        semaphore:acquire()
        after()
    end
    t.falsy((ran(hold, nil)))
    t.falsy((goroutine.timeout(20, function()
        hold(function() goroutine.sleep(1e6) end)
    end)))
    t.truthy(mutex:try_lock())
    t.truthy(semaphore:try_acquire())
end

function T.jobs_begin_jobs(t)
    local ok, sum = ran(function()
        local inner = goroutine.async(function()
            return select(2, goroutine.await(goroutine.async(function() return 20 end))) + 1
        end)
        return select(2, goroutine.await(inner)) * 2
    end)
    t.equal({ ok, sum }, { true, 42 })
end

function T.wrong_arguments_are_named(t)
    for name, arguments in pairs({
        spawn = { "code" },
        spawn_many = { -1, print },
        async = {},
        await = { {} },
        await_all = { { 1 } },
        timeout = { -1, print },
        sleep = { 0 / 0 },
        channel = { 1.5 },
        semaphore = { 0 },
        atomic_int = { 2 ^ 60 },
        select = { {} },
        select_timeout = { 1, { { default = true } } },
        pipeline = { {}, {} },
        fan_out = { goroutine.channel(), 0 },
        fan_in = { {} },
        pool_create = { "", {} },
        pool_submit = { "p" },
        pool_wait = { 1 },
        pool_close = {},
        pool_stats = { {} },
        pool_result = { 1 },
    }) do
        t.raises(function()
            goroutine[name](unpack(arguments))
        end, "'" .. name .. "'")
    end
    t.raises(function()
        goroutine.pool_create("p", { workers = 0 })
    end, "bad option 'workers' to 'pool_create'")
    t.raises(function()
        goroutine.mutex().lock({})
    end, "(a mutex expected, got table)")
    t.raises(function()
        goroutine.mutex():unlock()
    end, "nobody has locked")
    t.raises(function()
        goroutine.wait_group():done()
    end, "done more often than")
    t.raises(function()
        goroutine.semaphore(1):release()
    end, "nobody has acquired")
    t.raises(function()
        goroutine.cond():wait()
    end, "mutex is not locked")
end

function T.a_list_of_handles_with_a_gap_is_refused(t)
    local handle = goroutine.async(function() end)
    t.raises(function()
        goroutine.await_all({ [1] = handle, [3] = handle })
    end, "bad entry 2 to 'await_all' (a handle of async expected)")
    goroutine.await(handle)
end

return T
