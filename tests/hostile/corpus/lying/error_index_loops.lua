--- An error whose __index loops.
--- at: call
--- says: (error value: a table)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error(setmetatable({}, { __index = function()
        while true do end
    end }))
end

return M
