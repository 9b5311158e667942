--- A table of a million entries, printed.
--- at: call
--- limits: memory = "32 MiB"; call = "1 s"
--- within: 1.0
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 100000 do
        t[i] = { i }
    end
    print(t, t, t)
    return "contained"
end

return M
