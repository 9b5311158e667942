--- Frames, upvalues, registry and hooks, by debug: nothing but traceback is there.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    return (next(debug, "traceback") == nil and next(debug) == "traceback") and "contained" or "escaped"
end

return M
