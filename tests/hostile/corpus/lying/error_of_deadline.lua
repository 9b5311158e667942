--- An error that looks like the token of a deadline.
--- at: call
--- says: (error value: a table)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error({ kind = "deadline" })
end

return M
