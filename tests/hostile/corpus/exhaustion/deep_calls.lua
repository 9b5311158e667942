--- Calls without end.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: RecursionExceeded

local M = { exports = {} }

function M.exports.f()
    local function f()
        return 1 + f()
    end
    return f()
end

return M
