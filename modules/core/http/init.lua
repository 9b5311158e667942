--- Asks HTTP servers, in the name of the calling module and as far as that may. All of it waits: call it in a task.

local native = host.native

local M = { exports = {} }
local http = M.exports

---@class HttpOptions
---@field headers table<string, string>?
---@field body string?
---@field json any? sent as JSON in place of a body
---@field timeout number? seconds for each try; 30
---@field retries integer? further tries where it fails, and at 429 and 503; 0
---@field backoff number? seconds before the first of them; 0.5, twice as long each time
---@field cache boolean? false: what is kept is not given again
---@field max_size integer? bytes of the answer; 4 MiB, of a download 1 GiB

local OPTIONS = { "backoff", "body", "cache", "headers", "json", "max_size", "retries", "timeout" }

--- Refuse an option that there is none of; a misspelt one would be left out unsaid.
local function known(options, where)
    for name in pairs(options) do
        local found = false
        for _, each in ipairs(OPTIONS) do
            found = found or each == name
        end
        if not found then
            local all = table.concat(OPTIONS, ", ")
            error(("unknown option '%s' to '%s'; it has %s"):format(tostring(name), where, all), 5)
        end
    end
end

local function number(options, name, default, most, where)
    local value = options[name]
    if value == nil then
        return default
    elseif type(value) ~= "number" or not (value >= 0 and value <= most) then
        error(("bad field '%s' to '%s' (a number from 0 to %g expected)"):format(name, where, most), 4)
    end
    return value
end

local function field(options, name, kind, where)
    if options[name] ~= nil and type(options[name]) ~= kind then
        error(("bad field '%s' to '%s' (%s expected, got %s)"):format(name, where, kind, type(options[name])), 4)
    end
    return options[name]
end

local function expect(value, position, where)
    if type(value) ~= "string" then
        error(("bad argument #%d to '%s' (string expected, got %s)"):format(position, where, type(value)), 4)
    end
end

local LARGEST_KEPT = 2 ^ 26 -- bytes of an answer that is not written to a file

local function looked_at(options, where, default, most)
    if options ~= nil and type(options) ~= "table" then
        error(("bad argument to '%s' (table of options expected, got %s)"):format(where, type(options)), 4)
    end
    options = options or {}
    known(options, where)
    return {
        headers = field(options, "headers", "table", where),
        body = field(options, "body", "string", where),
        json = options.json,
        cache = field(options, "cache", "boolean", where),
        timeout = number(options, "timeout", 30, 86400, where),
        retries = number(options, "retries", 0, 100, where),
        backoff = number(options, "backoff", 0.5, 3600, where),
        max_size = number(options, "max_size", default, most, where),
    }
end

local function request(where, method, url, options)
    expect(method, 1, where)
    expect(url, where == "request" and 2 or 1, where)
    return native.request(method:upper(), url, looked_at(options, where, 2 ^ 22, LARGEST_KEPT))
end

--- Ask with any method: `status_code`, `status`, `body`, `headers` (names in lower case), `success`, `elapsed_ms`,
--- `url`, `size`, `json` where it is, and `cached` where it was kept.
---@param method string
---@param url string
---@param options HttpOptions?
---@return table?, string?
function http.request(method, url, options)
    return request("request", method, url, options)
end

for _, name in ipairs({ "get", "post", "put", "patch", "delete" }) do
    http[name] = function(url, options)
        return request(name, name, url, options)
    end
end

--- Write an answer to a file that the module may write: whole, or not at all.
---@param url string
---@param path string
---@param options HttpOptions?
---@return table?, string?
function http.download(url, path, options)
    local function look()
        expect(url, 1, "download")
        expect(path, 2, "download")
        return looked_at(options, "download", 2 ^ 30, 2 ^ 40)
    end
    return native.download(url, path, look())
end

return M
