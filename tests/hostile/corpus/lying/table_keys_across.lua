--- Tables for keys.
--- at: call
--- expect: NotData
--- says: key

local M = { exports = {} }

function M.exports.f()
    return { [{}] = 1 }
end

return M
