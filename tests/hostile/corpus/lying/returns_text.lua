--- An entry file that returns text.
--- at: load
--- expect: LoadFailed
--- says: a string

return "module"
