--- The environment of functions that are not the module's.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local function look(value, seen)
        if type(value) == "function" then
            local found = getfenv(value)
            assert(found == _G or rawequal(found, _G), "another environment")
        elseif type(value) == "table" and not seen[value] then
            seen[value] = true
            for key, inner in pairs(value) do
                look(inner, seen)
            end
        end
    end
    look(_G, {})
    look(host, {})
    return "contained"
end

return M
