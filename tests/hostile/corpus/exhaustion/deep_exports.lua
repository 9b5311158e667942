--- Calls to another module and back without end.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: RecursionExceeded
--- needs: victim
--- blames: victim
--- says: nested deeper than 40 levels

local M = { exports = {} }

function M.exports.f()
    local victim = require("victim")
    local function f()
        return victim.apply(f)
    end
    return f()
end

return M
