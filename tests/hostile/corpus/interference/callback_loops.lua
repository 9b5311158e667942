--- A function that loops, called by another module: the time is its owner's.
--- at: call
--- needs: victim
--- blames: victim
--- expect: DeadlineExceeded

local M = { exports = {} }

function M.exports.f()
    require("victim").apply(function()
        while true do end
    end)
end

return M
