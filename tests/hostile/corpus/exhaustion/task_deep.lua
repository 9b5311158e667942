--- Tasks that begin tasks without end.
--- at: call
--- expect: contained
--- limits: tasks = "100/s"

local M = { exports = {} }

function M.exports.f()
    local function again()
        host.async(again)
    end
    again()
    return 'contained'
end

return M
