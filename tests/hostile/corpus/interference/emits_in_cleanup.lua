--- Events without end while it is unloaded.
--- at: unload
--- expect: HostError
--- says: was ended in cleanup
--- limits: events = "100/s"

return { cleanup = function()
    while true do
        host.emit("heard", 1)
    end
end }
