--- Loaded code that loops.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        pcall(load("while true do end"))
    end
end

return M
