--- Time, changed for others.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    os.time = nil
    os.clock = function() return -1 end
    os.date = error
    return "contained"
end

return M
