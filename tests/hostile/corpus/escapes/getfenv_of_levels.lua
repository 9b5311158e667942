--- The environments of all that calls the module.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local found = 0
    for level = 0, 100 do
        local ok, environment = pcall(getfenv, level)
        if ok then
            found = found + 1
            assert(environment == _G)
        end
    end
    local inner = coroutine.wrap(function()
        for level = 0, 10 do
            local ok, environment = pcall(getfenv, level)
            assert(not ok or environment == _G)
        end
    end)
    inner()
    return found > 1 and "contained" or "escaped"
end

return M
