--- A health that loops.
--- at: health
--- expect: HostError
--- says: over its limit

return { health = function()
    while true do end
end }
