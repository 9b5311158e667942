--- A state that grows as it is taken.
--- at: reload
--- expect: SwapFailed
--- limits: call = "2 s"
--- within: 2.5
--- says: memory

local t = {}
return { getState = function()
    while true do
        t[#t + 1] = { #t }
    end
end }
