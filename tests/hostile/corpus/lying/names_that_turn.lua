--- An event by a name that would turn the direction of a line, whose handler fails.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    M:registerHook("\226\128\174x", function() error("no") end)
    host.emit("\226\128\174x")
    return "contained"
end

return M
