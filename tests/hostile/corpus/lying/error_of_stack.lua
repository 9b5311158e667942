--- An error that says it is one of the stack.
--- at: call
--- says: stack overflow
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error("stack overflow", 0)
end

return M
