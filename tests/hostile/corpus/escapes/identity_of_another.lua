--- Another module's name in one's own table: the host goes by the folder.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    self_name = "victim"
    host.log.info("I am the victim")
    return "contained"
end

return M
