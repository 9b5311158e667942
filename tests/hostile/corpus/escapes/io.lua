--- Files and pipes, by every function of io.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (io == nil and file == nil) and "contained" or "escaped"
end

return M
