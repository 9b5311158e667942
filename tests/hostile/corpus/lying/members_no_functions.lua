--- Members that are no functions.
--- at: load
--- expect: LoadFailed
--- says: init is a table, and must be a function

return { init = {} }
