--- Fails on purpose, in every way a module can; the host and all other modules run on. See README.md.

local settings = { fail = "never", slowMs = 60, lines = 2000 }
local broken_state = false ---@type boolean whether getState gives what cannot be kept
local tries = 0 ---@type integer survives swaps

local function endless()
    while true do
        tries = tries + 0
    end
end

local function deeper(level)
    return 1 + deeper(level + 1)
end

local KINDS = {} ---@type table<string, fun(): any>

--- An error with a message and a line.
function KINDS.raise()
    error("raised on purpose")
end

--- A mistake as it happens: a field of nothing.
function KINDS.mistake()
    return rawget(settings, "nothing").field
end

--- An error that is a table.
function KINDS.table()
    error({ code = 7 })
end

--- A loop without end.
function KINDS.loop()
    endless()
end

--- A loop without end that catches what ends it.
function KINDS.swallow()
    while true do
        pcall(endless)
    end
end

--- The same inside a coroutine.
function KINDS.coroutine()
    while true do
        coroutine.resume(coroutine.create(endless))
    end
end

--- Memory without end.
function KINDS.allocate()
    local hoard = {}
    while true do
        hoard[#hoard + 1] = ("x"):rep(2 ^ 16) .. #hoard
    end
end

--- Calls without end.
function KINDS.recurse()
    return deeper(1)
end

--- A search that would take years.
function KINDS.pattern()
    return ("a"):rep(30000):find(".-.-.-.-b")
end

--- An event that answers itself.
function KINDS.echo()
    host.emit("onFaultyTry", "echo")
end

--- A handler that takes long, and ends.
function KINDS.slow()
    local start = os.clock()
    while (os.clock() - start) * 1000 < settings.slowMs do
        tries = tries + 0
    end
end

--- More log lines than anybody reads.
function KINDS.flood()
    for line = 1, settings.lines do
        host.log.info(("line %d of a flood"):format(line))
    end
end

--- From now on getState gives a function: no checkpoint, no swap.
function KINDS.state()
    broken_state = true
end

--- getState is well again.
function KINDS.mend()
    broken_state = false
end

--- A timer that raises.
function KINDS.timer()
    host.after(0, KINDS.raise)
end

local function try(kind)
    tries = tries + 1
    if KINDS[kind] == nil then
        error(("bad argument #1 to 'try' (one of kinds() expected, got %s)"):format(tostring(kind)), 2)
    end
    return KINDS[kind]()
end

local M = {}

-- Lifecycle

function M:init(config)
    for name, value in pairs(config) do
        settings[name] = value
    end
    if settings.fail == "init refuses" then
        return false, "it was configured to refuse"
    elseif settings.fail == "init raises" then
        error("init raised on purpose")
    elseif settings.fail == "init loops" then
        endless()
    end
end

function M:cleanup()
    if settings.fail == "cleanup raises" then
        error("cleanup raised on purpose")
    end
end

function M:getState()
    return { tries = tries, socket = broken_state and endless or nil }
end

function M:setState(state)
    if settings.fail == "setState raises" then
        error("setState raised on purpose")
    end
    tries = state.tries
end

function M:validate()
    if settings.fail == "validate refuses" then
        return false, "it was configured to be found wanting"
    end
end

-- Hooks

M.hooks = { onFaultyTry = try }

-- Exports

M.exports = {
    try = try,

    --- All kinds, in order.
    kinds = function()
        local names = {}
        for name in pairs(KINDS) do
            names[#names + 1] = name
        end
        table.sort(names)
        return names
    end,

    tries = function()
        return tries
    end,
}

return M
