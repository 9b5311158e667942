--- A filter that gives more than crosses.
--- at: filter
--- expect: HostError
--- says: at most 1024 cross
--- limits: crossing = "1 KiB"

return { hooks = { go = function() return ("x"):rep(2000) end } }
