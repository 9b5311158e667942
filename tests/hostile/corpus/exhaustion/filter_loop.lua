--- A filter that loops: the value stays as it was.
--- at: filter
--- expect: HostError
--- says: over its limit of 50 ms

return { hooks = { go = function()
    while true do end
end } }
