--- An error with markup, which is shown as it is.
--- at: call
--- says: <img src=x onerror=alert(1)>
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error("<img src=x onerror=alert(1)><b>bold</b>&amp;", 0)
end

return M
