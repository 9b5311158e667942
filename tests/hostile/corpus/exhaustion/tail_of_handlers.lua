--- Hooks that are registered and taken back without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local f = function() end
    while true do
        M:registerHook("e", f)
        M:unregisterHook("e", f)
    end
end

return M
