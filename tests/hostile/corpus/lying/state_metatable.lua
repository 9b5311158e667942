--- A state whose metatable lies about what is in it.
--- at: state
--- expect: quiet

return { getState = function()
    return setmetatable({ a = 1 }, { __index = error, __pairs = error, __len = error, __tostring = error, __serialize = error })
end }
