--- A number of 64 bits on its way to others is a number, and nothing that ffi made.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    host.emit("heard", load("return { a = 5LL, [6ULL] = -7LL }")())
    host.emit("heard", load("return 5LL")())
    assert(require("victim").take(load("return 5LL")()) == "number")
    return "contained"
end

return M
