--- Gives a state whose tables raise when they are indexed, and lie about their length.
--- at: state
--- expect: quiet
local trap = { __index = function() error("read") end, __len = function() return -1 end, __pairs = function() error("x") end }

return {
    getState = function()
        return setmetatable({ list = setmetatable({ 1, 2, 3 }, trap) }, trap)
    end,
}
