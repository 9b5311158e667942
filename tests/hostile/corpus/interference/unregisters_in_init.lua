--- An init that takes back what was registered before it.
--- at: event
--- expect: quiet

local M = {}
local function go() end
M.hooks = { go = go }
function M:init()
    self:unregisterHook("go", go)
    self:unregisterHook("go", go)
end
return M
