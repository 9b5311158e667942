--- Writes over what it was configured with, with traps, and is configured anew.
--- at: configure
--- expect: quiet
return {
    configure = function(self, config)
        rawset(config, "x", setmetatable({}, { __index = function() error("read") end }))
        setmetatable(config, { __newindex = function() error("written") end })
        pcall(rawset, self, "config", config)
    end,
}
