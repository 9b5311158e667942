--- A collector that is stopped or slowed.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, option in ipairs({ "stop", "restart", "setpause", "setstepmul", "isrunning", "generational", "incremental" }) do
        assert(not pcall(collectgarbage, option, 1), option)
    end
    assert(type(collectgarbage("count")) == "number")
    return "contained"
end

return M
