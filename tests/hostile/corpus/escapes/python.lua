--- Python itself, as lupa offers it.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (python == nil and not pcall(require, 'python') and not pcall(require, 'lupa')) and "contained" or "escaped"
end

return M
