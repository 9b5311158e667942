--- Patterns that are none.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, p in ipairs({ "[", "[^", "[a-", "%", "%b", "%bx", "(", ")", "(()", "%1", "%f", "%f[", "[]", "[%", "^*", "\0[", "(" , "%9", ("("):rep(40) }) do
        pcall(string.find, "subject", p)
        pcall(string.match, "subject", p)
        pcall(string.gsub, "subject", p, "%9")
        pcall(function() for _ in ("subject"):gmatch(p) do end end)
    end
    return "contained"
end

return M
