--- A status that is none.
--- at: execute
--- expect: ModuleFault
--- says: the status is

return { execute = function() return { status = {} } end }
