--- A validate that loops.
--- at: reload
--- expect: SwapFailed
--- says: over its limit

return { validate = function()
    while true do end
end }
