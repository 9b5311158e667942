--- A thousand handlers before another module's.
--- at: call
--- limits: call = "5 s"
--- within: 3.0
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _ = 1, 999 do
        M:registerHook("heard", function() end, { priority = 10 })
    end
    host.emit("heard", 1)
    return "contained"
end

return M
