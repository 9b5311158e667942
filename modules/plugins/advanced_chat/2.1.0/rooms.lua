--- Messages by room, with an index by id that is made anew from them.

local DEFAULT = "lobby"

local Rooms = { DEFAULT = DEFAULT }

local rooms = {} ---@type table<string, Message[]> each oldest first
local index = {} ---@type table<integer, Message>
local count = 0

local function by_id(a, b)
    return a.id < b.id
end

--- Take rooms over as they are.
---@param given table<string, Message[]>
function Rooms.adopt(given)
    rooms, index, count = given, {}, 0
    for _, inside in pairs(rooms) do
        for _, message in ipairs(inside) do
            index[message.id] = message
            count = count + 1
        end
    end
end

--- What is kept; the rooms themselves, not a copy.
function Rooms.all()
    return rooms
end

---@param message Message with its id
---@param most integer messages that stay in its room
function Rooms.add(message, most)
    local inside = rooms[message.room] or {}
    rooms[message.room] = inside
    inside[#inside + 1] = message
    index[message.id] = message
    count = count + 1
    while #inside > most do
        index[table.remove(inside, 1).id] = nil
        count = count - 1
    end
end

---@param name string
function Rooms.has(name)
    return rooms[name] ~= nil
end

function Rooms.count()
    return count
end

---@param id any
function Rooms.message(id)
    return index[id]
end

--- Names, in order.
function Rooms.names()
    local names = {}
    for name in pairs(rooms) do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end

--- The messages of a room, or of all rooms by id.
---@param room string?
function Rooms.messages(room)
    if room ~= nil then
        return rooms[room] or {}
    end
    local list = {}
    for _, message in pairs(index) do
        list[#list + 1] = message
    end
    table.sort(list, by_id)
    return list
end

--- Whether index and rooms say the same: true, or false and what is wrong.
---@param next_id integer
function Rooms.check(next_id)
    local indexed = 0
    for id, message in pairs(index) do
        indexed = indexed + 1
        if type(id) ~= "number" or id >= next_id then
            return false, ("message %s has an id that is still to come"):format(tostring(id))
        elseif type(message.content) ~= "string" then
            return false, ("message %d has no content"):format(id)
        end
    end
    if indexed ~= count then
        return false, ("%d messages share their id with another"):format(count - indexed)
    end
    return true
end

return Rooms
