--- Exports and events by names that mean something in Python.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, name in ipairs({ "__class__", "__globals__", "__init__", "_active", "parts", "emit.__self__", "__builtins__" }) do
        host.emit(name, 1)
        host.filter(name, 1)
    end
    return "contained"
end

return M
