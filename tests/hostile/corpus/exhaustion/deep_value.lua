--- A value nested deeper than crosses.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: SizeExceeded
--- says: 100 levels

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for _ = 1, 101 do
        t = { t }
    end
    return t
end

return M
