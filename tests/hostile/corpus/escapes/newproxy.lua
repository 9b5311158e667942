--- A userdata with a finalizer, by newproxy.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (newproxy == nil) and "contained" or "escaped"
end

return M
