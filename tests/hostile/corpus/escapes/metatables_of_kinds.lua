--- Metatables that numbers, functions, nil and threads would share.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, value in ipairs({ 1, true, print, coroutine.create(print) }) do
        assert(getmetatable(value) == nil)
        assert(not pcall(setmetatable, value, {}))
    end
    assert(getmetatable(nil) == nil)
    return "contained"
end

return M
