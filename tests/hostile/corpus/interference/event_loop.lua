--- Events for another module in a loop without end.
--- at: call
--- expect: DeadlineExceeded
--- limits: events = "100/s"

local M = { exports = {} }

function M.exports.f()
    while true do
        host.emit("heard", 1)
    end
end

return M
