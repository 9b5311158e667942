--- Exports that are none.
--- at: load
--- expect: LoadFailed
--- says: exports.f is a number, and must be a function

return { exports = { f = 1 } }
