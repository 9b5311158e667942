--- A state with a function in it, in a swap.
--- at: reload
--- expect: SwapFailed
--- says: state.f is a function

return { getState = function() return { f = print } end }
