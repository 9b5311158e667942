--- A state of bytes that are no text.
--- at: state
--- expect: quiet

return { getState = function() return { name = "\255\254\0\27[31m" } end }
