--- A number of 64 bits that no number of Lua holds cannot cross.
--- at: call
--- expect: ModuleFault
--- says: 9007199254740993LL

local M = { exports = {} }

function M.exports.f()
    return load("return { 9007199254740993LL }")()
end

return M
