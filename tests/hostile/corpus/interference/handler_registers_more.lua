--- A handler that registers more while it runs.
--- at: event
--- expect: quiet

local M = {}
function M:init()
    self:registerHook("go", function()
        for _ = 1, 50 do
            self:registerHook("go", function() end)
        end
    end)
end
return M
