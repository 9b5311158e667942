--- The functions of table and math, replaced.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, library in ipairs({ table, math, os, coroutine, bit, debug }) do
        for name in next, library do
            library[name] = error
        end
    end
    return "contained"
end

return M
