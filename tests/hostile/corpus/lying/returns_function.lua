--- An entry file that returns a function.
--- at: load
--- expect: LoadFailed
--- says: a function

return print
