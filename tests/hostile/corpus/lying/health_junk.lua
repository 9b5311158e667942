--- A health that is none.
--- at: health
--- expect: HostError
--- says: must return healthy

return { health = function() return "splendid\27[31m" end }
