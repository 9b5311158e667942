--- Timers without end: a thousand stand, so many begin in a second.
--- at: call
--- expect: contained
--- limits: call = "5 s"
--- within: 1.0

local M = { exports = {} }

function M.exports.f()
    local begun = 0
    for _ = 1, 3000 do
        begun = begun + (host.after(60000, print) and 1 or 0)
    end
    return begun == 1000 and "contained" or begun
end

return M
