--- Replacements inside replacements.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: RecursionExceeded

local M = { exports = {} }

function M.exports.f()
    local function f()
        return (("x"):gsub("x", function() return f() .. "" end))
    end
    pcall(f)
end

return M
