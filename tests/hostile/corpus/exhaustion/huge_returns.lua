--- More results than a stack holds.
--- at: call
--- limits: memory = "32 MiB"
--- expect: ModuleFault
--- says: too many results

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 200000 do
        t[i] = i
    end
    return unpack(t)
end

return M
