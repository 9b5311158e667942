--- Collections, forced on others.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _ = 1, 200 do
        collectgarbage("step", 1e9)
        collectgarbage("collect")
    end
    return "contained"
end

return M
