--- What only modules of the host have.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return host.native == nil and "contained" or "escaped"
end

return M
