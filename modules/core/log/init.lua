--- Readable log lines for any value, with levels and tags.

local pretty = require("pretty")

local native = host.native

local LEVELS = { debug = 1, info = 2, warn = 3, error = 4 }

local MOST_FIELDS = 50 -- of one line
local MOST_ENTRIES = 200 -- of a field that the file has as a table
local LONGEST_TAG = 64 -- bytes
local MOST_TAGS = 1000
local ENOUGH = 5 -- seconds between two lines that say how many were left out

local bounds ---@type Bounds
local threshold = LEVELS.debug ---@type integer lines below it are left out
local thresholds = {} ---@type table<string, integer> of single modules
local rate = 200 -- lines of one module in a second
local counts = { debug = 0, info = 0, warn = 0, error = 0 } ---@type table<string, integer> written; survives swaps
local tagged = {} ---@type table<string, table<string, function>> loggers by tag, of the last MOST_TAGS
local tags = 0
local buckets = {} ---@type table<string, { tokens: number, at: number, out: integer, told: number }> by module
local writing = false -- whether lines go to a file, too
local unwritten ---@type string? why the file was not written last

--- What is left of a number of entries after those of a table, and of the tables in it; below 0 where they are more.
local function entries_left(value, left)
    for _, each in next, value do
        left = left - 1
        if type(each) == "table" and left >= 0 then
            left = entries_left(each, left)
        end
        if left < 0 then
            break
        end
    end
    return left
end

--- The first fields of a line, large ones as text: nobody reads more, and a line must not take long.
local function few(fields)
    local found, count = {}, 0
    for name, value in pairs(fields) do
        if count == MOST_FIELDS then
            break
        end
        local large = type(value) == "table" and entries_left(value, MOST_ENTRIES) < 0 or type(value) == "string"
        found[name], count = large and pretty(bounds, value) or value, count + 1
    end
    return found
end

local function names_of(fields)
    local names = {}
    for name in pairs(fields) do
        if type(name) == "string" then
            names[#names + 1] = name
        end
    end
    table.sort(names)
    return names
end

--- Whether a module may write one more line now. What it may not is counted, and told when it may again.
local function admitted(caller)
    local now = native.now()
    local bucket = buckets[caller] or { tokens = rate, at = now, out = 0, told = now - ENOUGH }
    buckets[caller] = bucket
    bucket.tokens = math.min(rate, bucket.tokens + (now - bucket.at) * rate)
    bucket.at = now
    if bucket.tokens < 1 then
        bucket.out = bucket.out + 1
        return false
    end
    bucket.tokens = bucket.tokens - 1
    if bucket.out > 0 and now - bucket.told >= ENOUGH then
        host.log.warn(("%d lines were left out: more than %d a second"):format(bucket.out, rate))
        bucket.out, bucket.told = 0, now
    end
    return true
end

--- Add a line to the file; that it cannot be is told once, until it can.
local function keep(level, tag, text, fields)
    local kept, why = native.record(level, tag, text, fields)
    if kept ~= nil then
        unwritten = nil
    elseif why and why ~= unwritten then
        unwritten = why
        host.log.error("the log's file cannot be written: " .. why)
    end
end

---@param level string
---@param tag string?
---@param fields table<string, any>?
local function put(level, tag, text, fields)
    local caller = native.caller() or "?"
    fields = fields and few(fields)
    if LEVELS[level] < (thresholds[caller] or threshold) or not admitted(caller) then
        return false
    end
    counts[level] = counts[level] + 1
    local shown = text
    for _, name in ipairs(fields and names_of(fields) or {}) do
        shown = ("%s %s=%s"):format(shown, name, pretty(bounds, fields[name]))
    end
    host.log[level](tag and ("[%s] %s"):format(tag, shown) or shown)
    if writing then
        keep(level, tag, text, fields)
    end
    return true
end

---@param level string
---@param where string
local function expect_level(level, where)
    if LEVELS[level] == nil then
        local text = "bad argument #1 to '%s' (debug, info, warn or error expected, got %s)"
        error(text:format(where, tostring(level)), 3)
    end
end

---@param level string
---@param tag string?
local function write(level, tag, ...)
    expect_level(level, "write")
    return put(level, tag and tostring(tag):sub(1, LONGEST_TAG), pretty(bounds, ...))
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
    thresholds = {}
    for name, level in pairs(config.levels or {}) do
        thresholds[name] = LEVELS[level]
    end
    rate, buckets = config.rate or rate, {}
    writing = config.file ~= false
    native.rotate(config.fileSize or 8, config.files or 3)
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

--- A line with fields of its own, which the file keeps apart: `record("info", "joined", { user = "ana" })`.
---@param level string
---@param message string
---@param fields table<string, any>?
function M.exports.record(level, message, fields)
    expect_level(level, "record")
    if type(message) ~= "string" then
        error(("bad argument #2 to 'record' (string expected, got %s)"):format(type(message)), 2)
    elseif fields ~= nil and type(fields) ~= "table" then
        error(("bad argument #3 to 'record' (table expected, got %s)"):format(type(fields)), 2)
    end
    return put(level, nil, pretty(bounds, message), fields)
end

--- Loggers for a tag: `require("log").tagged("chat").info("hello")`. They end with this instance of log.
function M.exports.tagged(tag)
    if type(tag) ~= "string" then
        error(("bad argument #1 to 'tagged' (string expected, got %s)"):format(type(tag)), 2)
    end
    tag = tag:sub(1, LONGEST_TAG)
    if not tagged[tag] then
        if tags == MOST_TAGS then
            tagged, tags = {}, 0
        end
        tagged[tag], tags = writers(tag), tags + 1
    end
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
