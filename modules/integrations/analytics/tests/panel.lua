--- What analytics shows, and its button.

local T = { config = { batchSize = 100, flushSeconds = 3600, maxQueue = 10 } }

function T.the_queue_is_shown_and_the_button_sends_it(t)
    for index = 1, 3 do
        t.emit("onMessageReceived", { content = "m" .. index })
    end
    t.eventually(function()
        return t.panel("analytics").queue.text == "3 of 10"
    end)
    t.equal(t.panel("analytics").flush.enabled, true)
    t.truthy(t.operate("analytics", "flush", "onClick"))
    local shown = t.panel("analytics")
    t.equal({ shown.queue.text, shown.sent.value, shown.flush.enabled }, { "0 of 10", 3, false })
end

function T.what_comes_each_second_is_plotted(t)
    t.emit("onUserJoined", "ana")
    t.eventually(function()
        local values = t.panel("analytics").events.values
        return #values > 0 and values[1] == 1
    end)
end

return T
