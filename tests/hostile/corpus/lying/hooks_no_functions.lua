--- Hooks that are none.
--- at: load
--- expect: LoadFailed
--- says: must be a function

return { hooks = { go = setmetatable({}, { __call = print }) } }
