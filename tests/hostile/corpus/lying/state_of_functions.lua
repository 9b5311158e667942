--- A state with a function in it.
--- at: state
--- expect: ModuleFault
--- says: state.users[3].socket is a function

return { getState = function() return { users = { 1, 2, { socket = print } } } end }
