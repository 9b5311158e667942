--- A __len that says more than there is.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local t = setmetatable({ "a" }, { __len = function() return 1e15 end })
    assert(#t == 1)
    assert(table.concat(t) == "a")
    table.sort(t)
    table.insert(t, "b")
    assert(select("#", unpack(t)) == 2)
    return "contained"
end

return M
