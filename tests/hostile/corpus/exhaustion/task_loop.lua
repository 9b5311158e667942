--- A task that loops.
--- at: timer
--- expect: HostError
--- says: over its limit of 50 ms

return { init = function()
    host.async(function()
        while true do end
    end)
end }
