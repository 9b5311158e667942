--- A filter that filters itself.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    M:registerHook("again", function(value) return host.filter("again", value) end)
    return host.filter("again", 1) == 1 and "contained"
end

return M
