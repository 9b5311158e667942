--- Timers that are due at once, each of which takes nearly all of its time.
--- at: turns
--- expect: contained
--- within: 5.0

local M = { exports = {} }

function M.exports.f()
    local function burn()
        local start = os.clock()
        while os.clock() - start < 0.04 do end
    end
    for _ = 1, 60 do
        host.after(0, burn)
    end
    return "contained"
end

return M
