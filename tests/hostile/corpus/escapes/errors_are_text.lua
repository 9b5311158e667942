--- Whatever the host refuses is refused with text: an exception of Python would lead out.
--- at: call
--- limits: call = "5 s"
--- within: 10.0
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local function every(value, path, seen, visit)
        for name, inner in pairs(value) do
            if type(inner) == "function" then
                visit(inner, path .. name)
            elseif type(inner) == "table" and not seen[inner] then
                seen[inner] = true
                every(inner, path .. name .. ".", seen, visit)
            end
        end
    end
    local garbage = { 0 / 0, -1, 2 ^ 60, "", "\255\0", {}, print, true, coroutine.create(print), setmetatable({}, { __index = error }) }
    every(host, "host.", {}, function(body, name)
        for _, one in ipairs(garbage) do
            for _, two in ipairs(garbage) do
                local ok, why = pcall(body, one, two)
                assert(ok or type(why) == "string", name)
                local again, reason = pcall(body)
                assert(again or type(reason) == "string", name)
            end
        end
    end)
    return "contained"
end

return M
