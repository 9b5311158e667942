--- The same, with functions in it.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: SizeExceeded
--- says: 100 levels

local M = { exports = {} }

function M.exports.f()
    local t = { print }
    for _ = 1, 101 do
        t = { t }
    end
    return t
end

return M
