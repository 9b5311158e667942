--- Readable log lines for any value, with levels and tags.

local pretty = require("pretty")

local LEVELS = { debug = 1, info = 2, warn = 3, error = 4 }

local bounds ---@type Bounds
local threshold = LEVELS.debug ---@type integer lines below it are left out
local counts = { debug = 0, info = 0, warn = 0, error = 0 } ---@type table<string, integer> written; survives swaps
local tagged = {} ---@type table<string, table<string, function>> loggers by tag

---@param level string
---@param tag string?
local function write(level, tag, ...)
    if LEVELS[level] == nil then
        error(("bad argument #1 to 'write' (debug, info, warn or error expected, got %s)"):format(tostring(level)), 2)
    elseif LEVELS[level] < threshold then
        return false
    end
    local text = pretty(bounds, ...)
    counts[level] = counts[level] + 1
    host.log[level](tag and ("[%s] %s"):format(tostring(tag):sub(1, 64), text) or text)
    return true
end

---@param tag string?
local function writers(tag)
    local made = {}
    for level in pairs(LEVELS) do
        made[level] = function(...)
            return write(level, tag, ...)
        end
    end
    return made
end

local M = {}

-- Lifecycle

function M:init(config)
    return self:configure(config)
end

function M:configure(config)
    bounds = {
        maxDepth = config.maxDepth or 4,
        maxEntries = config.maxEntries or 20,
        maxLength = config.maxLength or 2000,
    }
    threshold = LEVELS[config.level] or LEVELS.debug
end

function M:getState()
    return { counts = counts }
end

function M:setState(state)
    for level in pairs(counts) do
        counts[level] = state.counts and state.counts[level] or 0
    end
end

-- Exports

M.exports = writers()

M.exports.write = write

--- Loggers for a tag: `require("log").tagged("chat").info("hello")`. They end with this instance of log.
function M.exports.tagged(tag)
    if type(tag) ~= "string" then
        error(("bad argument #1 to 'tagged' (string expected, got %s)"):format(type(tag)), 2)
    end
    tagged[tag] = tagged[tag] or writers(tag)
    return tagged[tag]
end

--- The text of a line, unwritten.
function M.exports.format(...)
    return pretty(bounds, ...)
end

--- Lua text of the formatter, for values that cannot cross.
function M.exports.formatter()
    return host.asset("pretty.lua")
end

--- How many lines of a level were written, or of all levels.
function M.exports.count(level)
    if level then
        return counts[level]
    end
    return counts.debug + counts.info + counts.warn + counts.error
end

return M
