--- What a test file becomes: a module beside the one it tests. A test is a coroutine; what it wants of the host (a
--- swap, the state, time) it yields as a wish, and goes on with the answer.

local subject = require("theseus.subject")
local tested = require(subject.module)

local LONGEST = 2000 -- milliseconds that `eventually` waits

local running ---@type thread the test
local M = { exports = {} }

-- Looking at values -------------------------------------------------------------------------------------------------

local function before(a, b)
    if type(a) ~= type(b) then
        return type(a) == "number"
    elseif type(a) == "number" or type(a) == "string" then
        return a < b
    end
    return tostring(a) < tostring(b)
end

local function show(value, depth)
    if type(value) == "string" then
        return ("%q"):format(value)
    elseif type(value) ~= "table" then
        return tostring(value)
    elseif (depth or 0) >= 6 then
        return "{...}"
    end
    local keys, parts = {}, {}
    for key in pairs(value) do
        keys[#keys + 1] = key
    end
    table.sort(keys, before)
    for _, key in ipairs(keys) do
        local label = ""
        if key ~= #parts + 1 then
            label = (type(key) == "string" and key or "[" .. show(key, 6) .. "]") .. " = "
        end
        parts[#parts + 1] = label .. show(value[key], (depth or 0) + 1)
    end
    return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

local function same(a, b)
    if type(a) ~= "table" or type(b) ~= "table" then
        return a == b or (a ~= a and b ~= b)
    end
    for key, value in pairs(a) do
        if not same(value, b[key]) then
            return false
        end
    end
    for key in pairs(b) do
        if a[key] == nil then
            return false
        end
    end
    return true
end

-- What a test is given ----------------------------------------------------------------------------------------------

---@class t
local t = {}

local function fail(message, what)
    error((what and what .. ": " or "") .. message, 3)
end

--- Values are equal, tables by what is in them.
function t.equal(actual, expected, what)
    if not same(actual, expected) then
        fail(("expected %s, got %s"):format(show(expected), show(actual)), what)
    end
end

function t.truthy(value, what)
    if not value then
        fail(("expected a true value, got %s"):format(show(value)), what)
    end
end

function t.falsy(value, what)
    if value then
        fail(("expected nil or false, got %s"):format(show(value)), what)
    end
end

--- A text has a pattern in it.
function t.matches(text, pattern, what)
    if type(text) ~= "string" or not text:find(pattern) then
        fail(("expected a text with %q in it, got %s"):format(pattern, show(text)), what)
    end
end

--- A function raises; gives its error. With `text`, that stands in it, letter by letter.
function t.raises(body, text)
    local ok, problem = pcall(body)
    if ok then
        fail("expected an error, and there was none")
    elseif text and not tostring(problem):find(text, 1, true) then
        fail(("expected an error with %q in it, got %s"):format(text, show(problem)))
    end
    return problem
end

--- Call an export of the tested module.
function t.call(name, ...)
    local export = tested[name]
    if not export then
        fail(("%s exports no %s"):format(subject.module, tostring(name)))
    end
    return export(...)
end

function t.filter(event, value, ...)
    return host.filter(event, value, ...)
end

--- A list that fills with the arguments of each event from now on.
function t.listen(event)
    local heard = {}
    M:registerHook(event, function(...)
        heard[#heard + 1] = { ... }
    end)
    return heard
end

local function wish(name, ...)
    return coroutine.yield({ wish = name, arguments = { ... }, count = select("#", ...) })
end

--- An event for all modules: `{ delivered, failures }`.
function t.emit(event, ...)
    local ok, answer = wish("emit", event, ...)
    if not ok then
        fail(answer)
    end
    return answer
end

local function asking(name)
    t[name] = function(...)
        local ok, answer = wish(name, ...)
        if not ok then
            return nil, answer
        end
        return answer
    end
end

asking("execute") -- (request): what the module's `execute` answers
asking("state") -- (): the state as plain data
asking("swap") -- (version): a report, or nil and why it was taken back
asking("reload") -- (): the same
asking("rollback") -- (): the same
asking("configure") -- (settings): true, or nil and why not
asking("panel") -- (id): the properties of each widget of a panel, by its id
asking("operate") -- (panel, widget, event, value): true, or nil and why nobody could do that, or how the handler failed
asking("logs") -- (): what the module wrote, `{ level, text }` each

--- Let time go by until `check()` is true; fails after `ms` (2000).
function t.eventually(check, ms)
    local waited = 0
    while true do
        local found = check()
        if found then
            return found
        elseif waited >= (ms or LONGEST) then
            fail(("expected it within %d ms, and it was not so"):format(ms or LONGEST))
        end
        local _, passed = wish("rest")
        waited = waited + passed
    end
end

-- The module --------------------------------------------------------------------------------------------------------

local function text_of(problem)
    if type(problem) == "table" and problem.message ~= nil then
        problem = problem.message
    end
    return type(problem) == "string" and problem or "(error value: " .. show(problem) .. ")"
end

local function told(ok, said)
    if not ok then
        return { wish = "failed", message = text_of(said) }
    elseif coroutine.status(running) == "dead" then
        return { wish = "passed" }
    elseif type(said) ~= "table" or said.wish == nil then
        return { wish = "failed", message = "a test yields by the functions of t alone" }
    end
    return said
end

function M.exports.contents()
    local tests = require(subject.file)
    if type(tests) ~= "table" then
        error(("%s.lua returned no table of tests"):format(subject.file), 0)
    end
    local names = {}
    for name, test in pairs(tests) do
        if type(test) == "function" then
            names[#names + 1] = tostring(name)
        elseif name ~= "config" or type(test) ~= "table" then
            error(("%s.lua: %s is a %s, and tests are functions"):format(subject.file, tostring(name), type(test)), 0)
        end
    end
    table.sort(names)
    if #names == 0 then
        error(("%s.lua has no tests"):format(subject.file), 0)
    end
    return { names = names, config = tests.config }
end

function M.exports.start(name)
    running = coroutine.create(require(subject.file)[name])
    return told(coroutine.resume(running, t))
end

function M.exports.go_on(ok, answer)
    return told(coroutine.resume(running, ok, answer))
end

return M
