--- Bytecode of a function, to be changed and loaded.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (string.dump == nil and ('').dump == nil) and "contained" or "escaped"
end

return M
