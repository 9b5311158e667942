--- A task that gives its turn away without end: others have theirs.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    host.async(function()
        while true do
            coroutine.yield()
        end
    end)
    return 'contained'
end

return M
