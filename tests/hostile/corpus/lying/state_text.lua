--- A state that is text.
--- at: state
--- expect: ModuleFault
--- says: state is a string

return { getState = function() return "state" end }
