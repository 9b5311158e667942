--- Masks unwanted words in text that passes through the filter hook `onChatFormat`.

local MOST_WORDS = 1000
local LONGEST_WORD = 64 -- bytes

local words = {} ---@type table<string, boolean> in lower case; survives swaps
local mask = "*"

---@param word any
---@return string? word as it is kept
---@return string? why it is none
local function read(word)
    if type(word) ~= "string" or #word > LONGEST_WORD or not word:match("^[%w\128-\255']+$") then
        return nil, "a word is letters and digits without spaces, of at most 64 bytes"
    end
    return word:lower()
end

local function count()
    local found = 0
    for _ in pairs(words) do
        found = found + 1
    end
    return found
end

---@param word string
local function masked(word)
    if words[word:lower()] then
        local _, characters = word:gsub("[^\128-\191]", "")
        return mask:rep(characters)
    end
end

--- Text with each unwanted word masked; what is no text stays as it is.
local function clean(text)
    if type(text) ~= "string" then
        return text
    end
    return (text:gsub("[%w\128-\255']+", masked))
end

local M = {}

-- Lifecycle

function M:init(config)
    for _, word in ipairs(config.words or {}) do
        local known, why = read(word)
        if not known then
            return false, ("the configured word %q cannot be used: %s"):format(word, why)
        end
        words[known] = true
    end
    mask = config.mask or "*"
end

function M:getState()
    return { words = M.exports.words() }
end

function M:setState(state)
    words = {}
    for _, word in ipairs(state.words or {}) do
        words[word] = true
    end
end

-- Hooks

M.hooks = { onChatFormat = clean }

-- Exports

M.exports = {
    clean = clean,

    --- Mask a word from now on: true, or nil and why not.
    add = function(word)
        local known, why = read(word)
        if not known then
            return nil, why
        elseif not words[known] and count() >= MOST_WORDS then
            return nil, ("there are %d words already"):format(MOST_WORDS)
        end
        words[known] = true
        return true
    end,

    --- Mask a word no more; whether it was one.
    remove = function(word)
        local known = read(word)
        local had = known ~= nil and words[known] == true
        if had then
            words[known] = nil
        end
        return had
    end,

    --- All words, in order.
    words = function()
        local sorted = {}
        for word in pairs(words) do
            sorted[#sorted + 1] = word
        end
        table.sort(sorted)
        return sorted
    end,
}

return M
