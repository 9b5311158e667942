--- A table that is changed while others hear it.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local value = { n = 1 }
    M:registerHook("heard", function(theirs)
        theirs.n = 99
    end, { priority = 100 })
    host.emit("heard", value)
    return value.n == 1 and value.touched == nil and "contained"
end

return M
