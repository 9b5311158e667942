--- A yield that would leave the host in the middle of an event.
--- at: event
--- expect: ModuleFault
--- says: yield

return { hooks = { go = function() coroutine.yield("away") end } }
