--- Runs programs, in the name of the calling module and as far as that may: a list of arguments, and no shell.

local native = host.native

local LONGEST = 86400 -- seconds
local LARGEST = 2 ^ 24 -- bytes of output

local OPTIONS = { "args", "env", "max_output", "on_line", "stdin", "timeout", "workdir" }

local M = { exports = {} }

--- Refuse an option that there is none of; a misspelt one would be left out unsaid.
local function known(options)
    for name in pairs(options) do
        local found = false
        for _, each in ipairs(OPTIONS) do
            found = found or each == name
        end
        if not found then
            error(("unknown option '%s' to 'run'; it has %s"):format(tostring(name), table.concat(OPTIONS, ", ")), 3)
        end
    end
end

local function field(options, name, kind)
    local value = options[name]
    if value ~= nil and type(value) ~= kind then
        error(("bad field '%s' to 'run' (%s expected, got %s)"):format(name, kind, type(value)), 3)
    end
    return value
end

local function bounded(options, name, most)
    local value = field(options, name, "number")
    if value ~= nil and not (value > 0 and value <= most) then
        error(("bad field '%s' to 'run' (a number above 0 and up to %d expected)"):format(name, most), 3)
    end
    return value
end

--- Run a program to its end, telling each line; what goes wrong there ends it.
local function follow(program, options, on_line)
    local word, why = native.follow(program, options)
    if not word then
        return nil, why
    end
    while true do
        local said, refusal = native.lines(word)
        if not said then
            return nil, refusal
        elseif not said.lines then
            return said
        end
        for _, line in ipairs(said.lines) do
            local ok, fault = pcall(on_line, line.text, line.stream)
            if not ok then
                native.leave(word)
                error(fault, 0)
            end
        end
    end
end

---@class ExecOptions
---@field args string[]?
---@field workdir string?
---@field env table<string, string|true>?
---@field timeout number? seconds
---@field stdin string?
---@field max_output integer? bytes of each stream; of a line where `on_line` is told
---@field on_line fun(text: string, stream: string)? told each line as it comes; nothing of them is kept

--- Run a program to its end: `stdout`, `stderr`, `exit_code`, `success`, `truncated`, and `timed_out` where it was.
---@param program string a name as it was granted, or a whole path
---@param options ExecOptions?
---@return table?, string?
function M.exports.run(program, options)
    if type(program) ~= "string" then
        error(("bad argument #1 to 'run' (string expected, got %s)"):format(type(program)), 2)
    elseif options ~= nil and type(options) ~= "table" then
        error(("bad argument #2 to 'run' (table expected, got %s)"):format(type(options)), 2)
    end
    options = options or {}
    known(options)
    local arguments = {}
    for index, each in ipairs(field(options, "args", "table") or {}) do
        if type(each) ~= "string" and type(each) ~= "number" or tostring(each):find("%z") then
            error(("bad field 'args[%d]' to 'run' (text without NUL expected)"):format(index), 2)
        end
        arguments[index] = tostring(each)
    end
    local on_line = field(options, "on_line", "function")
    local asked = {
        args = arguments,
        workdir = field(options, "workdir", "string"),
        env = field(options, "env", "table"),
        timeout = bounded(options, "timeout", LONGEST),
        stdin = field(options, "stdin", "string"),
        max_output = bounded(options, "max_output", LARGEST),
    }
    local said, why
    if on_line then
        said, why = follow(program, asked, on_line)
    else
        said, why = native.run(program, asked)
    end
    if said then
        return said
    end
    local first = program:match("^([^%s/]+)%s+%S")
    if first and #arguments == 0 then
        why = ("%s; there is no shell: run '%s' with what comes after it as args"):format(why, first)
    end
    return nil, why
end

return M
