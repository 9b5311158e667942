--- An error that is a function.
--- at: call
--- says: (error value: a function)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error(print)
end

return M
