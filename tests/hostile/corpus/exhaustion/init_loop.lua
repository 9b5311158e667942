--- An init that loops.
--- at: load
--- expect: LoadFailed
--- says: over its limit of 50 ms

return { init = function()
    while true do end
end }
