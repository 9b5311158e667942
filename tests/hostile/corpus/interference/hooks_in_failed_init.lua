--- Hooks of an init that refuses.
--- at: load
--- expect: LoadFailed
--- says: refused

local M = {}
function M:init()
    self:registerHook("heard", function() error("left behind") end)
    return false, "refused"
end
return M
