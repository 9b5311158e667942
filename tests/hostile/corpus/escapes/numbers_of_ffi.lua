--- Literals that make cdata, whose metatable is ffi's.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local ok, number = pcall(load("return 1LL"))
    assert(not ok or type(getmetatable(number)) ~= "table")
    assert(not ok or not pcall(function() return number.x end))
    assert(not pcall(function() return load("return 1i")().x end))
    return "contained"
end

return M
