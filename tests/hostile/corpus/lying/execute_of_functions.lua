--- An answer that holds a function.
--- at: execute
--- expect: ModuleFault
--- says: function

return { execute = function() return { data = print } end }
