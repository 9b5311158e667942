--- A filter that raises leaves the value as it was.
--- at: filter
--- expect: HostError
--- says: no

return { hooks = { go = function() error("no") end } }
