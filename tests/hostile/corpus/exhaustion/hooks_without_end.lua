--- More hooks than there may be.
--- at: load
--- expect: LoadFailed
--- says: more than 1000 entries

local hooks = {}
for i = 1, 1001 do
    hooks[i .. [[e]]] = print
end
return { hooks = hooks }
