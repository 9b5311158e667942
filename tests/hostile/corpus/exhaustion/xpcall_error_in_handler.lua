--- A message handler that raises.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    xpcall(error, function() error(setmetatable({}, {})) end)
    while true do end
end

return M
