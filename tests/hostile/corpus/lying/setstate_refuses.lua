--- A state that its own module refuses.
--- at: reload
--- expect: SwapFailed
--- says: never

return { getState = function() return {} end, setState = function() return false, "never" end }
