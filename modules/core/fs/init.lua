--- Reads and writes files, in the name of the calling module and as far as that may.
---
--- A path begins with `data/` (the module's own folder), `module/`, `~/` or `/`. What is refused is nil and a message.

local native = host.native

local M = { exports = {} }
local fs = M.exports

local function expect(kind, value, position, where)
    if type(value) ~= kind then
        error(("bad argument #%d to '%s' (%s expected, got %s)"):format(position, where, kind, type(value)), 3)
    end
end

-- What takes one path

---@class fs
---@field read fun(path: string): string?, string? the bytes of a file
---@field exists fun(path: string): boolean?, string?
---@field ls fun(path: string): string[]?, string? names in a folder, sorted
---@field stat fun(path: string): table?, string? `kind` (file, folder, link, other), `size`, `modified`, `mode`
---@field glob fun(pattern: string): string[]?, string? paths, sorted: `*` and `?` within a name, `**` across folders
---@field rm fun(path: string): true?, string? a file, a link, or an empty folder
---@field rmr fun(path: string): integer?, string? a folder with all in it: how many things that were

for _, name in ipairs({ "read", "exists", "ls", "stat", "glob", "rm", "rmr" }) do
    fs[name] = function(path)
        expect("string", path, 1, name)
        return native[name](path)
    end
end

-- What takes two texts

---@class fs
---@field write fun(path: string, data: string): true?, string? the whole file, or none of it
---@field append fun(path: string, data: string): true?, string?
---@field copy fun(source: string, target: string): true?, string?
---@field move fun(source: string, target: string): true?, string?

for _, name in ipairs({ "write", "append", "copy", "move" }) do
    fs[name] = function(path, other)
        expect("string", path, 1, name)
        expect("string", other, 2, name)
        return native[name](path, other)
    end
end

--- Make a folder, with `parents` those on the way too; then it may be there already.
---@param path string
---@param options { parents: boolean? }?
---@return true?, string?
function fs.mkdir(path, options)
    expect("string", path, 1, "mkdir")
    if options ~= nil then
        expect("table", options, 2, "mkdir")
        for option in pairs(options) do
            if option ~= "parents" then
                error(("unknown option '%s' to 'mkdir'; it has parents"):format(tostring(option)), 2)
            end
        end
    end
    return native.mkdir(path, options ~= nil and options.parents == true)
end

--- Bytes of a file.
---@return integer?, string?
function fs.size(path)
    expect("string", path, 1, "size")
    local found, why = native.stat(path)
    if not found then
        return nil, why
    end
    return found.size
end

--- Tell a function what changes: at a file, or of the names in a folder. It ends with the module, or by `cancel`.
---@param path string
---@param told fun(path: string, kind: string) `created`, `changed` or `removed`
---@return { cancel: fun(): boolean }?, string?
function fs.watch(path, told)
    expect("string", path, 1, "watch")
    expect("function", told, 2, "watch")
    local word, why = native.watch(path)
    if not word then
        return nil, why
    end
    local function cancel()
        return native.unwatch(word)
    end
    local task, refusal = host.async(function()
        local changes, denied = native.changed(word)
        while changes do
            for _, change in ipairs(changes) do
                local ok, fault = pcall(told, change.path, change.kind)
                if not ok then
                    cancel()
                    error(fault, 0)
                end
            end
            changes, denied = native.changed(word)
        end
        if denied then
            cancel()
            host.log.warn(("%s is no longer watched: %s"):format(path, denied))
        end
    end)
    if not task then
        cancel()
        return nil, refusal
    end
    return { cancel = cancel }
end

--- A name in `data/` that nothing has.
---@return string
function fs.tmpname()
    return "data/tmp-" .. native.token()
end

--- The last name of a path.
---@return string
function fs.basename(path)
    expect("string", path, 1, "basename")
    return path:match("([^/]+)/*$") or path
end

--- All before the last name of a path.
---@return string
function fs.dirname(path)
    expect("string", path, 1, "dirname")
    local found = path:match("^(.*)/[^/]+/*$")
    return found == nil and "." or found == "" and "/" or found
end

return M
