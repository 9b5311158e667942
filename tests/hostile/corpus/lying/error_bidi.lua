--- An error that would turn the direction of a line.
--- at: call
--- says: 
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error("\226\128\174txet desrever", 0)
end

return M
