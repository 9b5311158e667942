--- A function that is kept for longer than its owner lives.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    require("victim").keep(function() return "still here" end)
    return "contained"
end

return M
