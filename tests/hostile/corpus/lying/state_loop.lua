--- A state that takes for ever.
--- at: state
--- expect: DeadlineExceeded

return { getState = function()
    while true do end
end }
