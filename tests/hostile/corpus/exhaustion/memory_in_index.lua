--- Memory without end, in a metamethod.
--- at: call
--- limits: call = "5 s"
--- within: 2.0
--- expect: RecursionExceeded
--- says: stack overflow

local M = { exports = {} }

function M.exports.f()
    local t = setmetatable({}, { __index = function(self, key)
        rawset(self, key, { {} })
        return self[key + 1]
    end })
    local i = 0
    while true do
        i = i + 1
        local ok = pcall(function() return t[i * 1000] end)
    end
end

return M
