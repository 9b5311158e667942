--- A cleanup that raises.
--- at: unload
--- expect: HostError
--- says: failed in cleanup

return { cleanup = function() error(setmetatable({}, { __tostring = error })) end }
