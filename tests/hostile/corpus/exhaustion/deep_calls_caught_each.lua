--- Calls without end, each of which catches.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: RecursionExceeded

local M = { exports = {} }

function M.exports.f()
    local function f()
        pcall(f)
        pcall(f)
    end
    f()
end

return M
