--- Emits from a filter what is filtered again, so that each value makes many more.
--- at: filter
--- expect: HostError
--- alone: HostError
--- says: over its limit of 50 ms
return {
    hooks = {
        go = function(value)
            for i = 1, 50 do
                host.emit("again", i)
            end
            return value
        end,
        again = function(i)
            for j = 1, 50 do
                host.filter("storm", i * j)
            end
        end,
        storm = function(value)
            host.emit("again", value)
            return value
        end,
    },
}
