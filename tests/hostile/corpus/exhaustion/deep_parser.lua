--- Code nested deeper than the parser goes.
--- at: call
--- limits: memory = "32 MiB"; call = "2 s"
--- within: 1.5
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local chunk, why = load("return " .. ("("):rep(100000) .. "1" .. (")"):rep(100000))
    assert(chunk == nil and why:find("levels", 1, true), why)
    local other, reason = load(("if a then "):rep(50000))
    assert(other == nil)
    local third = load("return " .. ("{"):rep(50000))
    assert(third == nil)
    local fourth = load("return " .. ("not "):rep(50000) .. "1")
    assert(fourth == nil or fourth() == true or fourth() == false)
    local fifth = load("return " .. ("1 .. "):rep(50000) .. "1")
    assert(fifth == nil)
    return "contained"
end

return M
