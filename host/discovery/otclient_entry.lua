--- Runs the scripts of a module of OTClient, given its files and scripts by their paths; makes the module.
-- The scripts share the module's globals; those that are functions are what other modules may call, as
-- `modules.NAME.f()`. Python puts all of this into one line, above those of the manifest, which keep their numbers.

local files, scripts = ...
local module, known = { exports = {} }, {}

modules = setmetatable({}, {
    __index = function(_, name)
        return (require(name))
    end,
})

function dofile(path)
    return require((path:gsub("%.lua$", ""):gsub("/", ".")))
end

function dofiles(folder)
    for _, path in ipairs(files) do
        if path:match("^(.*)/") == folder then
            dofile(path)
        end
    end
end

for name in pairs(_G) do
    known[name] = true
end
for _, script in ipairs(scripts) do
    dofile(script)
end
for name, value in pairs(_G) do
    if not known[name] and type(value) == "function" then
        module.exports[name] = value
    end
end

return module
