--- An entry file that loops.
--- at: load
--- expect: LoadFailed
--- says: over its limit of 50 ms

while true do end
