--- Exports that are no table.
--- at: load
--- expect: LoadFailed
--- says: exports is a string, and must be a table

return { exports = "f" }
