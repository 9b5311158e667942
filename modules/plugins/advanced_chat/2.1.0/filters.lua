--- Functions of other modules that see each message's text before it counts.

local MOST = 100

local filters = {} ---@type fun(content: string, sender: string): any [] in order; they end with their owners

local F = {}

--- Add one: true, or nil and why not.
function F.add(filter)
    if type(filter) ~= "function" then
        error(("bad argument #1 to 'addFilter' (function expected, got %s)"):format(type(filter)), 2)
    elseif #filters >= MOST then
        return nil, ("there are %d filters already"):format(MOST)
    end
    filters[#filters + 1] = filter
    return true
end

function F.count()
    return #filters
end

--- Hand a text through all: the text, or nil where one said false. One that fails is dropped, and named in the log.
function F.apply(content, sender)
    local index = 1
    while index <= #filters do
        local ok, result = pcall(filters[index], content, sender)
        if not ok then
            table.remove(filters, index)
            host.log.warn("a filter was dropped: " .. tostring(result))
        elseif result == false then
            return nil
        else
            content = type(result) == "string" and result or content
            index = index + 1
        end
    end
    return content
end

return F
