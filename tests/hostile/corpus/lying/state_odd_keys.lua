--- A state with keys that are no text.
--- at: state
--- expect: quiet

return { getState = function() return { [1.5] = 1, [true] = 2, [-1] = 3, ['\255'] = 4, [1e300] = 5 } end }
