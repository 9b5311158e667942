--- Randomness that modules would share.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    math.randomseed(1)
    local one = math.random()
    math.randomseed(1)
    return math.random() == one and "contained" or "escaped"
end

return M
