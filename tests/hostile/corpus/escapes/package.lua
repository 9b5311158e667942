--- Search paths, loaders and loaded libraries, by package.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (package == nil and module == nil) and "contained" or "escaped"
end

return M
