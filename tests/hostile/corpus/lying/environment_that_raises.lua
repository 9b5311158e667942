--- Functions whose environment raises whatever they look up, in each place where the host calls one.
--- at: call
--- expect: ModuleFault
--- says: no such name

local trap = setmetatable({}, {
    __index = function()
        error("no such name")
    end,
    __newindex = function()
        error("no such name")
    end,
    __metatable = false,
})

local M = { exports = {}, hooks = {} }

local function f()
    missing = 1
    return missing
end

M.exports.f = setfenv(f, trap)
M.hooks.heard = setfenv(function()
    return 1
end, trap)
M.health = setfenv(function()
    return "healthy"
end, trap)

return M
