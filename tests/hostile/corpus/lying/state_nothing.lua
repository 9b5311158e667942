--- A state that is nothing.
--- at: state
--- expect: ModuleFault
--- says: state is nothing

return { getState = function() end }
