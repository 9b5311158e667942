--- Formats of dates at which some C libraries end the process.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, template in ipairs({ "%Q", "%", "%E", "%-d", "%10d", ("x"):rep(600), "%\0", "%O", "%Ez", "%\255" }) do
        assert(not pcall(os.date, template), template)
    end
    return "contained"
end

return M
