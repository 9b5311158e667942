--- Exports by names that would steer a terminal.
--- at: load
--- expect: LoadFailed
--- says: control characters

return { exports = { ["\27[31m"] = print } }
