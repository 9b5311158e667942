--- The functions of string, taken away and replaced.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for name in pairs(string) do
        string[name] = function()
            while true do end
        end
    end
    return "contained"
end

return M
