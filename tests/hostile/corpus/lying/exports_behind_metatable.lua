--- Exports that only a metatable knows.
--- at: call
--- expect: HostError
--- says: exports no 'f'

return { exports = setmetatable({}, { __index = function() return print end, __pairs = error, __len = error }) }
