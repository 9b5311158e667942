--- Fewer than a batch go with the timer.

local T = { config = { batchSize = 100, flushSeconds = 0.05 } }

function T.what_waits_goes_after_flushSeconds(t)
    t.emit("onUserJoined", "ana")
    t.equal(t.call("stats").queued, 1)
    t.eventually(function()
        return t.call("stats").sent == 1
    end)
end

return T
