--- A yield of an export gives its turn to others, and nothing else.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local given = coroutine.yield("away")
    return given ~= "away" and "contained" or "escaped"
end

return M
