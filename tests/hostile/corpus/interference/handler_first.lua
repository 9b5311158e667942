--- A handler before all others that raises: they hear the event as ever.
--- at: event
--- expect: ModuleFault
--- says: mine

local M = {}
function M:init()
    self:registerHook("go", function() error("mine", 0) end, { priority = math.huge })
end
return M
