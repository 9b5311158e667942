--- A filter that gives what cannot cross.
--- at: filter
--- expect: HostError
--- says: coroutine

return { hooks = { go = function() return coroutine.create(print) end } }
