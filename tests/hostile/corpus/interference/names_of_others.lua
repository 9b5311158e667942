--- Log lines in another module's name.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    host.log.info("victim: all is well")
    print("\nvictim", "line")
    return "contained"
end

return M
