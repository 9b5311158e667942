--- A handler that takes itself back while it runs, and others.
--- at: event
--- expect: quiet

local M = {}
function M:init()
    local handlers = {}
    for i = 1, 10 do
        handlers[i] = function()
            for _, each in ipairs(handlers) do
                M:unregisterHook("go", each)
            end
        end
        self:registerHook("go", handlers[i])
    end
end
return M
