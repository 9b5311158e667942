--- Exports that have no names.
--- at: load
--- expect: LoadFailed
--- says: exports has a number for a name

return { exports = { print } }
