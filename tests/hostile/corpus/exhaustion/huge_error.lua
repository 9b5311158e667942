--- An error of megabytes.
--- at: call
--- expect: ModuleFault
--- says: xxx

local M = { exports = {} }

function M.exports.f()
    error(("x"):rep(1000000))
end

return M
