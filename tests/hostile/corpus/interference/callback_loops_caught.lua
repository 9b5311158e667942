--- The same, where the other catches it.
--- at: call
--- needs: victim
--- expect: DeadlineExceeded

local M = { exports = {} }

function M.exports.f()
    local ok, why = require("victim").tried(function()
        while true do end
    end)
    return why
end

return M
