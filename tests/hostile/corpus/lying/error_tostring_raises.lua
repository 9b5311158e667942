--- An error whose __tostring raises.
--- at: call
--- says: (error value: a table)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error(setmetatable({}, { __tostring = error }))
end

return M
