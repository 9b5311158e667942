--- Another module that was not declared.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local ok, why = pcall(require, "victim")
    return not ok and why:find("declares no such dependency", 1, true) and "contained" or "escaped"
end

return M
