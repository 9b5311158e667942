--- A finalizer of a table never runs.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _ = 1, 1000 do
        setmetatable({}, { __gc = function() ran = true end })
    end
    for _ = 1, 100 do
        collectgarbage("step")
    end
    return ran == nil and "contained" or "escaped"
end

return M
