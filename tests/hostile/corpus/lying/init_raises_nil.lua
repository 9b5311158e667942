--- An init that raises nothing.
--- at: load
--- expect: LoadFailed
--- says: (error value: nil)

return { init = function() error() end }
