--- Calls without end, in a coroutine.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: RecursionExceeded

local M = { exports = {} }

function M.exports.f()
    local function f()
        return 1 + f()
    end
    coroutine.resume(coroutine.create(f))
    return 1
end

return M
