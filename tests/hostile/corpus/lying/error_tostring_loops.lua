--- An error whose __tostring loops.
--- at: call
--- says: (error value: a table)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error(setmetatable({}, { __tostring = function()
        while true do end
    end }))
end

return M
