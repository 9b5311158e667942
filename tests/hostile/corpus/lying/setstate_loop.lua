--- A setState that loops.
--- at: reload
--- expect: SwapFailed
--- says: over its limit

return { getState = function() return {} end, setState = function()
    while true do end
end }
