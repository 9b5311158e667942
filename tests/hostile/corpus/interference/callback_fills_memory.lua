--- A function that fills its memory, called by another module.
--- at: call
--- needs: victim
--- limits: call = "5 s"
--- within: 2.0
--- expect: MemoryExceeded

local M = { exports = {} }

function M.exports.f()
    require("victim").tried(function()
        local t = {}
        for i = 1, 1e9 do
            t[i] = { i }
        end
    end)
end

return M
