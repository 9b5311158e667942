--- An entry file that returns a coroutine.
--- at: load
--- expect: LoadFailed
--- says: a thread

return coroutine.create(print)
