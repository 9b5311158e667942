--- A __tostring that loops is not called by print; the loop around it is ended.
--- at: call
--- expect: DeadlineExceeded
--- says: over its limit of 50 ms

local M = { exports = {} }

function M.exports.f()
    while true do
        print(setmetatable({}, { __tostring = function() while true do end end }))
    end
end

return M
