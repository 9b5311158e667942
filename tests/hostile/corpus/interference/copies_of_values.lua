--- What another module gives, changed.
--- at: call
--- needs: victim
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    local given = require("victim").give()
    given.secret = "theirs"
    given.more = print
    return require("victim").give().secret == "mine" and "contained"
end

return M
