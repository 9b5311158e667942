--- The host's own functions, replaced.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for name in next, host do
        host[name] = error
    end
    return "contained"
end

return M
