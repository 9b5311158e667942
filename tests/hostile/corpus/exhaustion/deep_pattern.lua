--- A pattern of more parts than C nests.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: RecursionExceeded
--- says: too complex

local M = { exports = {} }

function M.exports.f()
    pcall(string.find, ("x"):rep(300), ("x?"):rep(300))
    return 1
end

return M
