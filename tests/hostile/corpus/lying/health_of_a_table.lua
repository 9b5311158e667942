--- A health with a detail that is no text.
--- at: health
--- expect: HostError
--- says: the detail is a table, and must be text

return { health = function() return "healthy", {} end }
