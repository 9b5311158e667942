--- Who must not be harmed: answers, keeps a state, and looks whether anything of its own is changed.

local libraries, globals = {}, {}
for name, value in pairs(_G) do
    globals[name] = value
    if type(value) == "table" and value ~= _G then
        libraries[name] = {}
        for key, member in pairs(value) do
            libraries[name][key] = member
        end
    end
end

local kept ---@type function? what somebody handed over
local heard, private = 0, { secret = "mine" }

local function check(held, table, name)
    for key, value in pairs(held) do
        assert(rawequal(table[key], value), name .. "." .. tostring(key) .. " was changed")
    end
    for key in pairs(table) do
        assert(held[key] ~= nil, name .. "." .. tostring(key) .. " was added")
    end
end

local M = {}

function M.getState()
    return { heard = heard, private = private }
end

function M:setState(state)
    heard, private = state.heard, state.private
end

M.hooks = {
    heard = function(value)
        heard = heard + 1
        if type(value) == "table" then
            value.touched = true
        end
    end,
    shown = function(value)
        return type(value) == "string" and value .. "!" or nil
    end,
}

M.exports = {
    ping = function()
        return "pong"
    end,

    --- Whether its globals and libraries are as they were, and it hears and keeps what it did.
    intact = function()
        check(globals, _G, "_G")
        for name, members in pairs(libraries) do
            check(members, _G[name], name)
        end
        assert(("x"):upper() == "X" and ("%d"):format(7) == "7" and #("abc"):rep(2) == 6)
        assert(table.concat({ 1, 2 }, ",") == "1,2" and math.max(1, 2) == 2)
        assert(getmetatable("") == "locked")
        assert(private.secret == "mine" and next(private, "secret") == nil)
        return true
    end,

    give = function()
        return private
    end,

    take = function(value)
        return type(value)
    end,

    keep = function(callback)
        kept = callback
    end,

    again = function(...)
        return kept(...)
    end,

    apply = function(callback, ...)
        return callback(...)
    end,

    tried = function(callback, ...)
        return pcall(callback, ...)
    end,
}

return M
