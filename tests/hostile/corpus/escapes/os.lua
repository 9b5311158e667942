--- Programs, files, environment and the end of the process, by os.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local allowed, count = { clock = true, date = true, difftime = true, time = true }, 0
    for name in pairs(os) do
        assert(allowed[name], name)
        count = count + 1
    end
    return (count == 4) and "contained" or "escaped"
end

return M
