--- Lines of whatever there is.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local cycle = {}
    cycle.cycle = cycle
    print(nil, 0 / 0, print, coroutine.create(print), cycle, setmetatable({}, { __tostring = error }))
    host.log.error("\27[31m", "\n\r", "\255", "<b>")
    host.log.debug()
    host.log.warn(cycle)
    return "contained"
end

return M
