--- Timers of an entry file that never comes up.
--- at: load
--- expect: LoadFailed

for _ = 1, 100 do
    host.every(1, function() host.emit("heard", 1) end)
end
error("down")
