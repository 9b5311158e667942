--- Comparators that sort.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: RecursionExceeded

local M = { exports = {} }

function M.exports.f()
    local function f()
        table.sort({ 3, 2, 1 }, function() f() end)
        return 1
    end
    pcall(f)
end

return M
