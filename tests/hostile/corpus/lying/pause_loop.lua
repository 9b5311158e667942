--- A pause that loops.
--- at: reload
--- expect: SwapFailed
--- says: over its limit

return { pause = function()
    while true do end
end }
