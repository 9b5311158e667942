--- An error that would colour a terminal, ring its bell and move its cursor.
--- at: call
--- says: [31mred
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error("\27[31mred\7\27[2J\27]0;title\7\155", 0)
end

return M
