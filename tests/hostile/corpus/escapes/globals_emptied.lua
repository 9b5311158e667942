--- A module that throws all its globals away.
--- at: call
--- expect: contained

local pairs, rawset, _G = pairs, rawset, _G
local names = {}
for name in pairs(_G) do
    names[#names + 1] = name
end
for _, name in ipairs(names) do
    rawset(_G, name, nil)
end
return { exports = { f = function() return "contained" end } }
