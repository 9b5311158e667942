--- An answer whose metatable lies.
--- at: execute
--- expect: quiet

return { execute = function()
    return setmetatable({ status = "success" }, { __index = error, __tostring = error })
end }
