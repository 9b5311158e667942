--- Events of an entry file that never comes up.
--- at: load
--- expect: LoadFailed
--- says: down

for _ = 1, 100 do
    host.emit("heard", 1)
end
error("down")
