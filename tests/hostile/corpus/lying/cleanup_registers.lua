--- A cleanup that registers what would stay.
--- at: unload
--- expect: quiet

local M = {}
function M:cleanup()
    for i = 1, 100 do
        self:registerHook("late" .. i, print)
        host.every(1, print)
    end
end
return M
