--- A state nested deeper than crosses.
--- at: state
--- expect: SizeExceeded
--- says: 100 levels

local t = {}
for _ = 1, 150 do
    t = { t }
end
return { getState = function() return t end }
