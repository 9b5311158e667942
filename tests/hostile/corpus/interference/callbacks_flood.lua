--- Functions handed over without end.
--- at: call
--- limits: call = "5 s"
--- within: 4.0
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local victim = require("victim")
    for i = 1, 6000 do
        victim.take(function() return i end)
    end
    return "contained"
end

return M
