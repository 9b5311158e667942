--- A handler that loops: the others hear the event.
--- at: event
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

return { hooks = { go = function()
    while true do end
end } }
