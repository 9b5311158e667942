--- The coroutine in which the host calls.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local main = coroutine.running()
    assert(main == nil or not pcall(coroutine.resume, main) or coroutine.status(main) ~= "dead")
    return "contained"
end

return M
