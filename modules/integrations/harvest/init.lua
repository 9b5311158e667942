--- Reads pages all at once, counts their words on threads beside the host, and keeps what it found for a while.

local goroutine = require("goroutine")
local http = require("http")
local metrics = require("metrics")
local state = require("state")

local PAGE = "page:" -- before the keys of what is kept
local KEPT_WORDS = 100 -- of a page, the most frequent
local LONGEST = 200 -- characters of an address that is kept

local timeout, kept_seconds, pages = 30, 86400, {}
local timer ---@type { cancel: fun(): boolean }?
local failing = {} ---@type table<string, string> why a page was not read, by its address

--- What a text says how often; runs in a job, which sees nothing of the module.
---@param text string
---@param most integer
local function count_words(text, most)
    local counts, words, total = {}, {}, 0
    for word in text:lower():gsub("<[^>]*>", " "):gmatch("%a[%w']*") do
        if not counts[word] then
            counts[word], words[#words + 1] = 0, word
        end
        counts[word], total = counts[word] + 1, total + 1
    end
    table.sort(words, function(one, other)
        if counts[one] ~= counts[other] then
            return counts[one] > counts[other]
        end
        return one < other
    end)
    local found = {}
    for rank = 1, math.min(most, #words) do
        found[rank] = { word = words[rank], count = counts[words[rank]] }
    end
    return { total = total, different = #words, words = found }
end

local function read(url)
    local answer, why = http.get(url, { timeout = timeout, retries = 1 })
    if not answer then
        return nil, why
    elseif not answer.success then
        return nil, ("%s answered %d"):format(url, answer.status_code)
    end
    metrics.histogram("harvest_page_bytes", answer.size)
    local ok, found = goroutine.await(goroutine.async(count_words, answer.body, KEPT_WORDS))
    if not ok then
        return nil, found
    end
    local kept, refusal = state.set(PAGE .. url, found, kept_seconds)
    return kept and found, refusal
end

--- Read one page: what was found in it, or nil and why not.
local function harvest_one(url)
    local found, why = read(url)
    failing[url] = not found and tostring(why) or nil
    metrics.counter("harvest_pages", 1, { outcome = found and "read" or "failed" })
    if not found then
        host.log.warn(("%s was not read: %s"):format(url, tostring(why)))
    end
    return found, why
end

--- Read pages, all at once. It waits: call it in a task.
---@param urls string[]? those of the configuration where it is absent
---@return table<string, table>, table<string, string> what was found, and why something was not, by address
local function harvest(urls)
    local tasks, found, refused = {}, {}, {}
    for _, url in ipairs(urls or pages) do
        if type(url) ~= "string" or #url > LONGEST then
            error("bad argument #1 to 'harvest' (a list of addresses expected)", 2)
        end
        tasks[url] = tasks[url] or host.async(harvest_one, url)
    end
    for url, task in pairs(tasks) do
        local ok, page, why = task.wait()
        if ok and page then
            found[url] = page
        else
            refused[url] = tostring(ok and why or page)
        end
    end
    return found, refused
end

local M = {}

-- Lifecycle

function M:init(config)
    self:configure(config)
end

function M:configure(config)
    timeout = config.timeout or timeout
    kept_seconds = config.keptHours and config.keptHours * 3600 or kept_seconds
    pages = config.pages or pages
    if timer then
        timer:cancel()
        timer = nil
    end
    if (config.everyMinutes or 0) > 0 then
        timer = host.every(config.everyMinutes * 60000, function()
            host.async(harvest)
        end)
    end
end

function M:health()
    local url, why = next(failing)
    if url then
        return "degraded", ("%s was not read: %s"):format(url, why)
    end
    return "healthy"
end

-- Exports

M.exports = {
    harvest = harvest,

    --- Addresses of the pages that are kept, sorted.
    pages = function()
        local urls, why = state.keys(PAGE .. "*")
        if not urls then
            return nil, why
        end
        for place, key in ipairs(urls) do
            urls[place] = key:sub(#PAGE + 1)
        end
        return urls
    end,

    --- What was found in a page, or nil where it is not kept.
    page = function(url)
        if type(url) ~= "string" then
            error(("bad argument #1 to 'page' (string expected, got %s)"):format(type(url)), 2)
        end
        return state.get(PAGE .. url)
    end,
}

return M
