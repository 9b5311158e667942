--- Another file, by loadfile.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (loadfile == nil) and "contained" or "escaped"
end

return M
