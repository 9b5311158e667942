--- A cleanup that loops.
--- at: unload
--- expect: HostError
--- says: was ended in cleanup

return { cleanup = function()
    while true do end
end }
