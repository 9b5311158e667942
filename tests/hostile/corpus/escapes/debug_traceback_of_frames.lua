--- A traceback that shows where the host lies.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local text = debug.traceback("here")
    return (not text:find("host ", 1, true) and not text:find("[C]", 1, true) and text:find("init.lua", 1, true)) and "contained" or "escaped"
end

return M
