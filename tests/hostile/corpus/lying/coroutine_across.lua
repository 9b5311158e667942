--- A coroutine for another module.
--- at: call
--- expect: ModuleFault
--- says: value is a coroutine

local M = { exports = {} }

function M.exports.f()
    return coroutine.create(print)
end

return M
