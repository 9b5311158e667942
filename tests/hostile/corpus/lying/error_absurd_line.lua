--- An error with a line that no file has.
--- at: call
--- says: why
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error("init.lua:99999999999999999999: why", 0)
end

return M
