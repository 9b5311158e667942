--- The metatable that all strings share.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    assert(getmetatable("") == "locked")
    assert(not pcall(setmetatable, "", {}))
    assert(not pcall(function() getmetatable("").__index = nil end))
    return "contained"
end

return M
