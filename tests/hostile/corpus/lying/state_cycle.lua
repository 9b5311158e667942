--- A state that holds itself.
--- at: state
--- expect: ModuleFault
--- says: cycle

local t = {}
t.t = t
return { getState = function() return t end }
