--- Nothing, very often.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    local s = (""):rep(1e18)
    while true do
        s = s .. (""):rep(1e18)
    end
end

return M
