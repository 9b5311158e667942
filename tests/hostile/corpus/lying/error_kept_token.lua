--- The token of a deadline, kept from an earlier call and raised in a later one.
--- at: call
--- says: (error value: a table)
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    local kept
    pcall(function() error(setmetatable({ kind = "memory" }, { __metatable = false })) end)
    error(kept or { kind = "chain" })
end

return M
