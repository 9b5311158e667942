--- An error that names another place.
--- at: call
--- says: init.lua:
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error("host/engine/host.py:1: gone", 0)
end

return M
