--- Events for another module without end: a second's worth reaches it.
--- at: call
--- limits: events = "100/s"; call = "2 s"
--- within: 1.5
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local refused = 0
    for _ = 1, 3000 do
        local told = host.emit("heard", 1)
        refused = refused + (told and 0 or 1)
    end
    return refused > 1000 and "contained" or refused
end

return M
