--- An error that is a coroutine.
--- at: call
--- says: (error value: a thread)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error(coroutine.create(print))
end

return M
