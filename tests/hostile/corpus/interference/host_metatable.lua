--- A metatable for the host's table.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    setmetatable(host, { __index = function()
        while true do end
    end, __newindex = error })
    setmetatable(host.log, { __call = error })
    return "contained"
end

return M
