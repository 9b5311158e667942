--- An event that answers itself.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    M:registerHook("again", function() host.emit("again") end)
    host.emit("again")
    return "contained"
end

return M
