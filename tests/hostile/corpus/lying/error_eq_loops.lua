--- An error that loops where it is compared.
--- at: call
--- says: (error value: a table)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    local meta = { __eq = function()
        while true do end
    end }
    pcall(error, setmetatable({}, meta))
    error(setmetatable({}, meta))
end

return M
