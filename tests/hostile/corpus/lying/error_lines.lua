--- An error that would be lines of a log.
--- at: call
--- says: one two three
--- expect: ModuleFault

local M = { exports = {} }

function M.exports.f()
    error("one\ntwo\r\nthree\011four\226\128\168five\194\133six", 0)
end

return M
