--- Compiling without end.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        load(("a = 1 "):rep(10000))
    end
end

return M
