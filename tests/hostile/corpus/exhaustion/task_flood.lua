--- Tasks without end: a second's worth begins.
--- at: call
--- expect: contained
--- limits: tasks = "10/s"; call = "2 s"
--- within: 1.5

local M = { exports = {} }

function M.exports.f()
    local begun, why = 0, nil
    for _ = 1, 3000 do
        local task, refusal = host.async(function() host.sleep(60000) end)
        begun, why = begun + (task and 1 or 0), refusal or why
    end
    return begun < 3000 and type(why) == "string" and "contained" or begun
end

return M
