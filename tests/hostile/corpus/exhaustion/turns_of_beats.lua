--- Timers that beat faster than they can.
--- at: turns
--- expect: contained
--- within: 5.0

local M = { exports = {} }

function M.exports.f()
    local function burn()
        local start = os.clock()
        while os.clock() - start < 0.04 do end
    end
    for _ = 1, 10 do
        host.every(1, burn)
    end
    return "contained"
end

return M
