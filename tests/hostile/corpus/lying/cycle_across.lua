--- A value that holds itself.
--- at: call
--- expect: ModuleFault
--- says: cycle

local M = { exports = {} }

function M.exports.f()
    local t = {}
    t.t = t
    return t
end

return M
