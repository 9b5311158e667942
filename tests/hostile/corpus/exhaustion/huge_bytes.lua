--- A value of more bytes than cross.
--- at: call
--- limits: crossing = "100 KiB"
--- expect: SizeExceeded
--- says: at most 102400 cross

local M = { exports = {} }

function M.exports.f()
    return { ("x"):rep(200000) }
end

return M
