--- Strings that are indexed: the table of functions is the module's own.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    string.ping = function() return "mine" end
    assert(("x").ping() == "mine")
    return "contained"
end

return M
