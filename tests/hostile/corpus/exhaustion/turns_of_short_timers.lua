--- A thousand timers that are due at once.
--- at: turns
--- expect: contained
--- within: 5.0

local M = { exports = {} }

function M.exports.f()
    local function burn()
        local start = os.clock()
        while os.clock() - start < 0.04 do end
    end
    for _ = 1, 1000 do
        host.after(0, function()
            local start = os.clock()
            while os.clock() - start < 0.002 do end
        end)
    end
    return "contained"
end

return M
