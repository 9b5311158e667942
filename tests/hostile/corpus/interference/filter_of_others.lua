--- A filter of another module's, given junk.
--- at: call
--- expect: contained

local M = { exports = {} }

function M.exports.f()
    for _, value in ipairs({ 1, true, {}, "\255", ("x"):rep(10000) }) do
        host.filter("shown", value)
    end
    assert(not pcall(host.filter, "shown", coroutine.create(print)))
    return "contained"
end

return M
