--- When events go, and in which order.

local T = { config = { batchSize = 3, flushSeconds = 3600, maxQueue = 10 } }

local function emit_many(t, from, to)
    for index = from, to do
        t.emit("onMessageReceived", { content = "m" .. index })
    end
end

function T.a_full_batch_goes_and_the_rest_waits(t)
    emit_many(t, 1, 5)
    t.equal(t.call("stats").queued, 2)
    t.equal(t.call("stats").sent, 3)
end

function T.flush_sends_all(t)
    emit_many(t, 1, 5)
    t.equal(t.call("flush"), 2)
    t.equal(t.call("flush"), 0)
    t.equal(t.call("stats"), { queued = 0, sent = 5, dropped = 0, failures = 0 })
end

function T.each_hook_is_queued_with_its_name(t)
    t.emit("onUserJoined", "ana")
    t.emit("onMessageSent", { content = "hi" })
    local queue = t.state().queue
    t.equal({ queue[1].seq, queue[1].event, queue[1].data }, { 1, "onUserJoined", "ana" })
    t.equal({ queue[2].seq, queue[2].event, queue[2].data }, { 2, "onMessageSent", { content = "hi" } })
end

function T.long_texts_are_clipped(t)
    t.emit("onMessageReceived", { content = ("x"):rep(1000), deep = { { { "too deep" } } } })
    local data = t.state().queue[1].data
    t.equal(#data.content, 500)
    t.equal(data.deep, { {} })
end

function T.what_is_queued_survives_a_reload(t)
    emit_many(t, 1, 2)
    t.truthy(t.reload())
    emit_many(t, 3, 4)
    t.call("flush")
    local stats = t.call("stats")
    t.equal({ stats.queued, t.state().seq }, { 0, 4 })
end

return T
