--- A complex number cannot cross.
--- at: call
--- expect: ModuleFault
--- says: complex number

local M = { exports = {} }

function M.exports.f()
    assert(not pcall(host.emit, "heard", load("return 1i")()))
    return load("return { 1i }")()
end

return M
