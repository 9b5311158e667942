--- A state of numbers that are none.
--- at: state
--- expect: quiet

return { getState = function() return { 0 / 0, 1 / 0, -1 / 0, -0.0 } end }
