--- Appends records to JSON-lines files in the data folder: the only bundled module that touches a disk.

local native = host.native

local M = {}

-- Exports

M.exports = {}

--- Append records, all or none: how many, or nil and why not.
---@param stream string lower-case letters, digits and _
---@param records table[] plain tables, one a line
function M.exports.append(stream, records)
    if type(stream) ~= "string" then
        error(("bad argument #1 to 'append' (string expected, got %s)"):format(type(stream)), 2)
    elseif type(records) ~= "table" or (next(records) ~= nil and #records == 0) then
        error("bad argument #2 to 'append' (a list of records expected)", 2)
    elseif #records == 0 then
        return 0
    end
    return native.append(stream, records)
end

--- The newest records of a stream, oldest first; nil and why not.
---@param stream string
---@param count integer?
function M.exports.newest(stream, count)
    if type(stream) ~= "string" then
        error(("bad argument #1 to 'newest' (string expected, got %s)"):format(type(stream)), 2)
    end
    return native.newest(stream, count or 1)
end

return M
