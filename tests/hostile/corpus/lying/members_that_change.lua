--- A member that is another at each look.
--- at: call
--- expect: contained

local looks = 0
return setmetatable({ exports = { f = function() return looks < 20 and "contained" end } }, {
    __index = function(_, name)
        looks = looks + 1
        return nil
    end,
})
