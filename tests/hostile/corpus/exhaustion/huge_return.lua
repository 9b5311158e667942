--- A value of more entries than cross.
--- at: call
--- limits: memory = "64 MiB"; call = "5 s"
--- within: 2.5
--- expect: SizeExceeded
--- says: 1000000 entries

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 1000001 do
        t[i] = true
    end
    return t
end

return M
