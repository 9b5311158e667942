--- An event with a name of megabytes.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    assert(not pcall(host.emit, ("x"):rep(1000000)))
    assert(not pcall(host.filter, ("x"):rep(1000000), 1))
    assert(not pcall(M.registerHook, M, ("x"):rep(1000000), print))
    return "contained"
end

return M
