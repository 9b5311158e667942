--- Events without end: a second's worth is told.
--- at: call
--- expect: contained
--- limits: events = "10/s"; call = "1 s"
--- within: 1.0

local M = { exports = {} }

function M.exports.f()
    local told = 0
    for _ = 1, 2000 do
        told = told + (host.emit("unheard") and 1 or 0)
    end
    return told < 1000 and "contained" or told
end

return M
