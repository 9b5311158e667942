--- Timers that beat as often as they can.
--- at: call
--- expect: contained
--- limits: call = "5 s"
--- within: 1.0

local M = { exports = {} }

function M.exports.f()
    local begun, why = 0, nil
    for _ = 1, 1000 do
        local timer, refusal = host.every(0, function() end)
        begun, why = begun + (timer and 1 or 0), refusal or why
    end
    assert(why:find("10,000 timers a second", 1, true))
    return begun == 10 and "contained" or begun
end

return M
