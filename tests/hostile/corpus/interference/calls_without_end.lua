--- Calls of another module in a loop without end.
--- at: call
--- needs: victim
--- expect: DeadlineExceeded
--- within: 1.5

local M = { exports = {} }

function M.exports.f()
    local victim = require("victim")
    while true do
        victim.ping()
    end
end

return M
