--- A comparator that is no order.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local t = {}
    for i = 1, 1000 do
        t[i] = i % 7
    end
    pcall(table.sort, t, function() return true end)
    pcall(table.sort, t, function() return math.random() < 0.5 end)
    return "contained"
end

return M
