--- A table that loses its values while it is copied.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local t = setmetatable({}, { __mode = "kv" })
    for i = 1, 10000 do
        t[i] = {}
    end
    host.emit("heard", t)
    return "contained"
end

return M
