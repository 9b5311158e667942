--- A task that never ends, when its module does.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    host.async(function()
        while true do
            pcall(host.sleep, 1e9)
        end
    end)
    return 'contained'
end

return M
