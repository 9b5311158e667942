--- Python objects, by whatever hangs on tables that the host gives.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    assert(getmetatable(host) == nil and getmetatable(_G) == nil)
    local timer = host.after(60000, function() end)
    assert(type(timer) == "table" and getmetatable(timer) == nil)
    for _, value in pairs(timer) do
        assert(type(value) == "function")
    end
    return "contained"
end

return M
