--- A line of megabytes.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    print(("x"):rep(1000000))
    host.log.error(("\n"):rep(1000000))
    return "contained"
end

return M
