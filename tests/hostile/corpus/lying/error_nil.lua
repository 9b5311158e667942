--- An error that is nothing.
--- at: call
--- says: (error value: nil)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error(nil)
end

return M
