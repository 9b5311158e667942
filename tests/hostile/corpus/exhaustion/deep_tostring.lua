--- A __tostring that calls itself.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: RecursionExceeded

local M = { exports = {} }

function M.exports.f()
    local t = {}
    setmetatable(t, { __tostring = function() return tostring(t) .. "" end })
    pcall(tostring, t)
end

return M
