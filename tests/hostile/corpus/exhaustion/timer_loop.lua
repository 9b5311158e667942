--- A timer that loops.
--- at: timer
--- expect: HostError
--- says: was ended in timer

return { init = function()
    host.after(0, function()
        while true do end
    end)
end }
