--- Delays that are none.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, delay in ipairs({ -1, 0 / 0, 1 / 0, -1 / 0, 2 ^ 40, "1", {} }) do
        assert(not pcall(host.after, delay, print))
        assert(not pcall(host.every, delay, print))
    end
    assert(not pcall(host.after, 1, "print"))
    assert(not pcall(host.after))
    return "contained"
end

return M
