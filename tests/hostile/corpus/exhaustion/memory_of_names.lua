--- Hooks with names without end: there are so many, and no more.
--- at: call
--- limits: call = "5 s"
--- within: 2.0
--- expect: contained
--- says: 

local M = { exports = {} }

function M.exports.f()
    local held = 0
    for i = 1, 1e6 do
        local done, why = M:registerHook("e" .. i, function() end)
        if not done then
            assert(why:find("more than 1000", 1, true))
            return "contained"
        end
    end
end

return M
