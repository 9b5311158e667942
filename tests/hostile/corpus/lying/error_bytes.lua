--- An error that is no text.
--- at: call
--- says: �
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error("\255\254\128", 0)
end

return M
