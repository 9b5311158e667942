--- Many jobs at once, some of them stopped: nothing is lost, nothing comes twice, nobody waits for ever.

local goroutine = require("goroutine")

local T = {}

function T.values_of_many_senders_reach_many_receivers_once_each(t)
    for round = 1, 10 do
        local ch, done = goroutine.channel(round % 4), goroutine.wait_group()
        for sender = 1, 4 do
            done:add(1)
            goroutine.spawn(function()
                for number = 1, 25 do
                    ch:send(sender * 1000 + number)
                end
                done:done()
            end)
        end
        goroutine.spawn(function()
            done:wait()
            ch:close()
        end)
        local receivers = {}
        for number = 1, 3 do
            receivers[number] = goroutine.async(function()
                local got = {}
                ch:range(function(value)
                    got[#got + 1] = value
                end)
                return got
            end)
        end
        local seen, count = {}, 0
        for _, result in ipairs(goroutine.await_all(receivers)) do
            t.truthy(result.success, result.error)
            for _, value in ipairs(result.values[1]) do
                t.falsy(seen[value], "it came twice")
                seen[value], count = true, count + 1
            end
        end
        t.equal(count, 100)
    end
end

function T.jobs_that_are_stopped_at_any_moment_hold_up_nobody(t)
    local mutex, semaphore, through = goroutine.mutex(), goroutine.semaphore(2), goroutine.atomic_int()
    local handles = {}
    for number = 1, 40 do
        handles[number] = goroutine.async(function()
            return goroutine.timeout(number % 7, function()
                while true do
                    semaphore:acquire()
                    mutex:lock()
                    through:add(1)
                    pcall(error, "caught")
                    mutex:unlock()
                    semaphore:release()
                end
            end)
        end)
    end
    for _, result in ipairs(goroutine.await_all(handles)) do
        t.equal({ result.success, result.values[1], result.values[2] }, { true, false, "timeout exceeded" })
    end
    t.equal({ mutex:try_lock(), semaphore:available() }, { true, 2 })
end

function T.receivers_that_are_stopped_lose_nothing(t)
    local ch, sum = goroutine.channel(), goroutine.atomic_int()
    local sender = goroutine.async(function()
        for number = 1, 100 do
            ch:send(number)
        end
        ch:close()
    end)
    for _ = 1, 20 do
        goroutine.timeout(1, function()
            while true do
                local value, ok = ch:receive()
                if not ok then
                    return
                end
                sum:add(value)
            end
        end)
    end
    ch:range(function(value)
        sum:add(value)
    end)
    t.truthy((goroutine.await(sender)))
    t.truthy(sum:load() <= 5050, "none came twice")
end

function T.whatever_a_job_does_it_ends_and_the_others_go_on(t)
    local bodies = {
        function() local all = {} for n = 1, 1e9 do all[n] = { n } end return all end,
        function() local function deeper(n) return deeper(n + 1) + 1 end return deeper(1) end,
        function() local text = "a" while true do text = text .. text end end,
        function() return ("a"):rep(3e4):find(".-.-.-b") end,
        function() return pcall(string.rep, "x", 1e18) end,
        function() error(setmetatable({}, { __tostring = function() while true do end end })) end,
        function()
            local turn = coroutine.wrap(function() while true do coroutine.yield() end end)
            while true do turn() end
        end,
        function() setmetatable(_G, { __index = function(_, key) return key end }) return anything end, -- luacheck: ignore
        function() string.format = nil return string end, -- luacheck: ignore
        function() return setmetatable({}, { __index = function(all, key) return all[key .. "x"] end }).a end,
        function() table.sort({ 3, 1, 2 }, function() return true end) while true do table.concat({ 1, 2, 3 }) end end,
        function() return 1LL end,
        function() while true do goroutine.mutex() end end,
        function() while true do goroutine.timeout(1, function() while true do end end) end end,
        function() local all = {} for n = 1, 1e5 do all[n] = n end return all end,
        function() return setmetatable({}, { __gc = error }), getfenv(1) ~= nil, pcall(setfenv, 1, {}) end,
        function() return load("return 1")(), loadstring("\27LJ"), debug.traceback("x") end,
        function() return require("nowhere") end,
    }
    local handles = {}
    for index, body in ipairs(bodies) do
        handles[index] = goroutine.async(function()
            return goroutine.timeout(10 + index, body)
        end)
    end
    for _, result in ipairs(goroutine.await_all(handles)) do
        t.truthy(result.success, result.error)
    end
    t.equal({ goroutine.await(goroutine.async(function() return ("%d"):format(1) end)) }, { true, "1" })
end

return T
