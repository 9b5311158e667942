--- An entry file that fills the memory.
--- at: load
--- expect: LoadFailed
--- says: over its memory of 8 MiB
--- limits: call = "5 s"
--- within: 2.0

local t = {}
for i = 1, 1e9 do
    t[i] = { i }
end
