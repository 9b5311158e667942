--- The compiler, by jit.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (jit == nil and not pcall(require, 'jit') and not pcall(require, 'jit.util')) and "contained" or "escaped"
end

return M
