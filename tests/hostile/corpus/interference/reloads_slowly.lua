--- Events during its own swap, which wait for it.
--- at: reload
--- expect: quiet

local M = { hooks = { mine = function() end } }
function M:init()
    for _ = 1, 200 do
        host.emit("mine", 1)
    end
end
function M:resume()
    host.emit("mine", 1)
end
return M
