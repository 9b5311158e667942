--- Handlers that take nearly all of their time each: who emits is ended after ten times its own.
--- at: call
--- expect: DeadlineExceeded
--- within: 4.0

local M = { exports = {} }

function M.exports.f()
    for _ = 1, 60 do
        M:registerHook("heard", function()
            local start = os.clock()
            while os.clock() - start < 0.04 do end
        end)
    end
    while true do
        host.emit("heard", 1)
    end
end

return M
