--- A metamethod that calls itself.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: RecursionExceeded

local M = { exports = {} }

function M.exports.f()
    local t = {}
    setmetatable(t, { __index = function(_, k) return t[k] .. "" end })
    pcall(function() return t.x end)
end

return M
