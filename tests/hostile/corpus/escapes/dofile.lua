--- Another file, by dofile.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (dofile == nil) and "contained" or "escaped"
end

return M
