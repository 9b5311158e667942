--- Long strings, compared without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local a = ("x"):rep(1000000)
    local b = a .. "y"
    while true do
        local _ = a < b
    end
end

return M
