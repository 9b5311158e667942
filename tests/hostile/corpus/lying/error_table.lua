--- An error that is a table.
--- at: call
--- says: (error value: a table)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error({})
end

return M
