--- A configure that loops.
--- at: configure
--- expect: LoadFailed
--- says: over its limit

return { configure = function()
    while true do end
end }
