--- A yield that would leave the host in the middle.
--- at: call
--- expect: ModuleFault
--- says: yield

local M = { exports = {} }

function M.exports.f()
    coroutine.yield("away")
    return "escaped"
end

return M
