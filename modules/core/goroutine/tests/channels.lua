--- What goes over channels, and what selects do.

local goroutine = require("goroutine")

local T = {}

function T.any_data_goes_over_and_channels_too(t)
    local ch = goroutine.channel(10)
    local inner = goroutine.channel(1)
    for _, value in ipairs({ true, 1.5, "a\0b", { 1, { x = "y" } } }) do
        ch:send(value)
        t.equal({ ch:receive() }, { value, true })
    end
    ch:send(nil)
    t.equal({ ch:receive() }, { nil, true })
    ch:send({ reply = inner })
    ch:receive().reply:send("hello")
    t.equal(inner:receive(), "hello")
    t.raises(function()
        ch:send(function() end)
    end, "the value is a function")
    t.raises(function()
        ch:send({ deep = { coroutine.create(function() end) } })
    end, "the value.deep[1] is a coroutine")
end

function T.a_select_tells_what_came_of_its_case(t)
    local open, closed = goroutine.channel(1), goroutine.channel(1)
    closed:close()
    t.equal({ goroutine.select({ { channel = open, send = "x" } }) }, { 1, true })
    t.equal({ goroutine.select({ { channel = closed, send = "x" } }) }, { 1, false })
    t.equal({ goroutine.select({ { channel = open, receive = true } }) }, { 1, "x", true })
    local number, value, ok = goroutine.select({ { channel = closed, receive = true } })
    t.equal({ number, value == nil, ok }, { 1, true, false })
    t.equal({ goroutine.select_timeout(10, { { channel = closed, send = "x" } }) }, { false, 1, false })
end

function T.a_channel_for_one_thing_refuses_the_other(t)
    t.raises(function()
        goroutine.channel(1, "send"):receive()
    end, "cannot receive on a channel that was made to send")
    t.raises(function()
        goroutine.channel(1, "receive"):try_send(1)
    end, "cannot send on a channel that was made to receive")
    t.raises(function()
        goroutine.channel(1, "both")
    end, "bad argument #2 to 'channel'")
end

function T.a_sender_waits_for_a_receiver(t)
    local ch, steps = goroutine.channel(), goroutine.channel(10)
    goroutine.spawn(function()
        steps:send("before")
        ch:send(1)
        steps:send("after")
    end)
    t.equal(steps:receive(), "before")
    t.equal({ steps:try_receive() }, { nil, false })
    t.equal(ch:receive(), 1)
    t.equal(steps:receive(), "after")
end

function T.closing_wakes_those_who_wait(t)
    local ch = goroutine.channel()
    local receiver = goroutine.async(function()
        return ch:receive()
    end)
    local full = goroutine.channel()
    local sender = goroutine.async(function()
        return full:send(1)
    end)
    goroutine.sleep(5)
    t.equal({ ch:close(), full:close() }, { true, true })
    t.equal({ goroutine.await(receiver) }, { true, nil, false })
    t.equal({ goroutine.await(sender) }, { true, false, "send on closed channel" })
    t.equal({ ch:close() }, { false, "channel already closed" })
    t.equal({ ch:send(1) }, { false, "send on closed channel" })
    t.equal({ ch:try_send(1) }, { false, "send on closed channel" })
end

function T.a_select_takes_one_case_and_leaves_the_others(t)
    local a, b = goroutine.channel(1), goroutine.channel(1)
    a:send("a")
    b:send("b")
    local got = {}
    for _ = 1, 2 do
        goroutine.select({
            { channel = a, receive = true, handler = function(value) got[#got + 1] = value end },
            { channel = b, receive = true, handler = function(value) got[#got + 1] = value end },
            { default = true, handler = function() got[#got + 1] = "default" end },
        })
    end
    table.sort(got)
    t.equal(got, { "a", "b" })
end

function T.a_select_waits_sends_and_sees_a_close(t)
    local a, b = goroutine.channel(), goroutine.channel()
    goroutine.spawn(function()
        goroutine.sleep(2)
        b:receive()
    end)
    local sent
    t.equal(goroutine.select({
        { channel = a, receive = true },
        { channel = b, send = "x", handler = function(ok) sent = ok end },
    }), 2)
    t.equal(sent, true)
    a:close()
    local seen
    t.equal(goroutine.select({ { channel = a, receive = true, handler = function(_, ok) seen = ok end } }), 1)
    t.equal(seen, false)
end

function T.a_select_that_timed_out_takes_nothing_later(t)
    local ch = goroutine.channel()
    t.equal(goroutine.select_timeout(2, { { channel = ch, receive = true } }), true)
    t.equal(ch:try_send("late"), false, "nobody waits any more")
    t.equal(goroutine.select_timeout(2, {
        { channel = ch, send = 1 },
        { channel = ch, receive = true },
    }), true, "its own two ends do not meet")
end

function T.a_stage_that_fails_drops_that_value(t)
    local input = goroutine.channel(10)
    local output = goroutine.pipeline(input, {
        { workers = 2, fn = function(n)
            if n == 3 then
                error("three")
            end
            return n > 1 and n or nil
        end },
    })
    for n = 1, 5 do
        input:send(n)
    end
    input:close()
    local got = {}
    output:range(function(n)
        got[#got + 1] = n
    end)
    table.sort(got)
    t.equal(got, { 2, 4, 5 })
end

return T
