--- A state with a coroutine in it.
--- at: state
--- expect: ModuleFault
--- says: state.work is a coroutine

return { getState = function() return { work = coroutine.create(print) } end }
