--- An error that says it is one of memory.
--- at: call
--- says: not enough memory
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error("not enough memory", 0)
end

return M
