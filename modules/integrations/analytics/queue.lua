--- Events that wait to be sent, numbered in order. A batch that could not be sent goes back to the front.

---@class Queued
---@field seq integer? grows by one with each event, across swaps and restarts; absent while that cannot be known
---@field event string
---@field at integer seconds since 1970
---@field data any what came with it, clipped

local LONGEST_TEXT = 500 -- bytes of one string
local MOST_FIELDS = 30 -- of one table
local DEEPEST = 3

local Queue = {}

local waiting = {} ---@type Queued[] from `first` to `last`
local first, last = 1, 0

local function clipped(value, depth)
    if type(value) == "string" then
        return value:sub(1, LONGEST_TEXT)
    elseif type(value) == "table" then
        if depth >= DEEPEST then
            return nil
        end
        local copy, fields = {}, 0
        for key, inner in pairs(value) do
            fields = fields + 1
            if fields > MOST_FIELDS then
                break
            end
            copy[key] = clipped(inner, depth + 1)
        end
        return copy
    elseif type(value) == "number" or type(value) == "boolean" then
        return value
    end
end

function Queue.length()
    return last - first + 1
end

---@param seq integer?
---@param event string
function Queue.add(seq, event, data)
    last = last + 1
    waiting[last] = { seq = seq, event = event, at = os.time(), data = clipped(data, 0) }
end

--- Take up to `n` off the front.
---@return Queued[]
function Queue.take(n)
    local batch = {}
    while #batch < n and first <= last do
        batch[#batch + 1] = waiting[first]
        waiting[first] = nil
        first = first + 1
    end
    return batch
end

--- Put a batch back where it was: in front of all that came since, in its order.
---@param batch Queued[]
function Queue.put_back(batch)
    for index = #batch, 1, -1 do
        first = first - 1
        waiting[first] = batch[index]
    end
end

--- Drop from the front what was sent already; how many that were.
---@param seq integer the last that was sent
function Queue.drop_to(seq)
    local dropped = 0
    while first <= last and waiting[first].seq and waiting[first].seq <= seq do
        waiting[first] = nil
        first = first + 1
        dropped = dropped + 1
    end
    return dropped
end

--- Number what has no number yet; the last number.
---@param seq integer the last one that was given
function Queue.number(seq)
    for index = first, last do
        if not waiting[index].seq then
            seq = seq + 1
            waiting[index].seq = seq
        end
    end
    return seq
end

--- All that waits, in order, as a list.
function Queue.all()
    local list = {}
    for index = first, last do
        list[#list + 1] = waiting[index]
    end
    return list
end

---@param list Queued[]
function Queue.adopt(list)
    waiting, first, last = list, 1, #list
end

return Queue
