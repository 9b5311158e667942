--- More exports than there may be.
--- at: load
--- expect: LoadFailed
--- says: more than 1000 entries

local exports = {}
for i = 1, 1001 do
    exports[i .. [[e]]] = print
end
return { exports = exports }
