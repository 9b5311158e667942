--- Memory of the process, by ffi.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (ffi == nil and not pcall(require, 'ffi')) and "contained" or "escaped"
end

return M
