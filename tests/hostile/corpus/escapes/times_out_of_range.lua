--- Times that no calendar has.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, time in ipairs({ 2 ^ 60, -2 ^ 60, 0 / 0, 1 / 0, -1 / 0 }) do
        pcall(os.date, "%c", time)
        pcall(os.date, "*t", time)
        pcall(os.time, { year = time, month = time, day = time })
        pcall(os.difftime, time, time)
    end
    return "contained"
end

return M
