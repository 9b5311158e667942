--- A __tostring that gives what is no text.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, given in ipairs({ 1, true, {}, print }) do
        local value = setmetatable({}, { __tostring = function() return given end })
        pcall(string.format, "%s", value)
        pcall(tostring, value)
        pcall(print, value)
    end
    return "contained"
end

return M
