--- An answer that is none.
--- at: execute
--- expect: ModuleFault
--- says: must return a table with a status

return { execute = function() return 7 end }
