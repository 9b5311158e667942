--- Code that takes the name of a file of the host, which the guard would not end.
--- at: call
--- expect: DeadlineExceeded

local M = { exports = {} }

function M.exports.f()
    while true do
        pcall(load("while true do end", "=(host guard)"))
    end
end

return M
