--- Lines without end: a second's worth is written.
--- at: call
--- expect: contained
--- limits: call = "1 s"
--- within: 1.0

local M = { exports = {} }

function M.exports.f()
    local written = 0
    for _ = 1, 3000 do
        written = written + (host.log.info("flood") and 1 or 0)
    end
    return written < 4000 and "contained" or written
end

return M
