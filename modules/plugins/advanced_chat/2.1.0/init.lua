--- Chat: messages by room, users, filters; text passes through the filter hook `onChatFormat`.
---
--- Version 1 keeps messages in one list; `migrate` sorts them into their rooms, or into the lobby.

local filters = require("filters")
local panel = require("panel")
local reading = require("reading")
local rooms = require("rooms")

local MOST_USERS = 10000
local MOST_ROOMS = 200

---@class Message
---@field id integer
---@field sender string
---@field content string
---@field type string
---@field timestamp integer seconds since 1970
---@field room string

local users = {} ---@type table<string, { joinedAt: integer }> present now; survives swaps
local next_id = 1 ---@type integer survives swaps
local refused = 0 ---@type integer messages that were none; survives swaps
local present = 0 ---@type integer users
local max_messages, max_length = 1000, 4000

--- Count what was refused; a storm of it is told ever more seldom: at 1, 2, 4, 8, ...
local function refuse(why)
    refused = refused + 1
    if bit.band(refused, refused - 1) == 0 then
        host.log.warn(("a message was refused (%d so far): %s"):format(refused, why))
    end
    return nil, why
end

--- Take a message in: its id, or nil and why not.
local function accept(value)
    local message, why = reading.message(value, max_length)
    if not message then
        return refuse(why)
    end
    message.room = message.room or rooms.DEFAULT
    if not rooms.has(message.room) and #rooms.names() >= MOST_ROOMS then
        return refuse(("there are %d rooms already"):format(MOST_ROOMS))
    end
    local content = filters.apply(message.content, message.sender)
    if not content then
        return nil, "held back by a filter"
    end
    local shown = host.filter("onChatFormat", content, { sender = message.sender, room = message.room })
    message.content = type(shown) == "string" and shown or content
    message.id, message.timestamp = next_id, os.time()
    next_id = next_id + 1
    rooms.add(message, max_messages)
    panel.changed()
    return message.id
end

local function user_names()
    local names = {}
    for name in pairs(users) do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end

local function join(value)
    local name, why = reading.user(value)
    if not name then
        refuse(why)
    elseif not users[name] then
        if present >= MOST_USERS then
            refuse(("there are %d users already"):format(MOST_USERS))
            return
        end
        users[name] = { joinedAt = os.time() }
        present = present + 1
        panel.changed()
    end
end

local function leave(value)
    local name = reading.user(value)
    if name and users[name] then
        users[name] = nil
        present = present - 1
        panel.changed()
    end
end

local function stats()
    return {
        version = "2.1.0",
        messages = rooms.count(),
        rooms = #rooms.names(),
        users = present,
        filters = filters.count(),
        refused = refused,
        nextId = next_id,
    }
end

local M = {}

-- Lifecycle

function M:init(config)
    max_messages = config.maxMessages or max_messages
    max_length = config.maxLength or max_length
    panel.open({
        rooms = rooms.names,
        messages = rooms.messages,
        users = user_names,
        send = self.exports.send,
        default = rooms.DEFAULT,
    })
    host.after(0, function()
        host.emit("onChatReady", { version = self.version })
    end)
end

function M:cleanup()
    host.log.debug(("chat ends with %d messages"):format(rooms.count()))
end

function M:getState()
    return { rooms = rooms.all(), users = users, nextId = next_id, refused = refused }
end

function M:setState(state)
    if type(state.rooms) ~= "table" or type(state.nextId) ~= "number" then
        return false, "it holds no rooms of version 2"
    end
    rooms.adopt(state.rooms)
    users = state.users or {}
    next_id, refused = state.nextId, state.refused or 0
    present = #user_names()
    panel.changed()
end

--- The one list of version 1 becomes rooms.
function M:migrate(state, from)
    if not state.messages then
        return state
    end
    local by_room = {}
    for _, message in ipairs(state.messages) do
        message.room = message.room or rooms.DEFAULT
        by_room[message.room] = by_room[message.room] or {}
        table.insert(by_room[message.room], message)
    end
    host.log.info(("took %d messages over from %s"):format(#state.messages, from))
    return { rooms = by_room, users = state.users, nextId = state.nextId, refused = state.refused }
end

function M:validate()
    return rooms.check(next_id)
end

-- Hooks

M.hooks = {
    onMessageReceived = function(value)
        accept(value)
    end,

    onUserJoined = join,
    onUserLeft = leave,
}

-- Exports

M.exports = {
    messageCount = rooms.count,

    --- The last `n` messages of a room, oldest first; of all rooms without one, all of them without `n`.
    messages = function(n, room)
        return reading.last(rooms.messages(room), n)
    end,

    --- One message by its id, or nothing.
    message = rooms.message,

    --- Names of all rooms with a message, in order.
    rooms = rooms.names,

    --- Names of who is present, in order.
    users = user_names,

    stats = stats,

    --- `send(message)` or `send(sender, content, type, room)`: the message's id, or nil and why not.
    send = function(sender, content, kind, room)
        local value = type(sender) == "table" and sender
            or { sender = sender, content = content, type = kind, room = room }
        local id, why = accept(value)
        if not id then
            return nil, why
        end
        host.emit("onMessageSent", rooms.message(id))
        return id
    end,

    --- `filter(content, sender)` gives another content, nothing (as it is), or false (hold it back).
    addFilter = filters.add,
}

-- Requests

local ACTIONS = {
    send = function(parameters)
        local id, why = M.exports.send(parameters)
        if not id then
            return nil, why
        end
        return { id = id }
    end,
    history = function(parameters)
        return { messages = reading.last(rooms.messages(parameters.room), parameters.count or 20) }
    end,
    rooms = function()
        return { rooms = rooms.names() }
    end,
    users = function()
        return { users = user_names() }
    end,
    stats = stats,
}

function M:execute(request)
    local parameters = type(request) == "table" and request.parameters or {}
    local action = parameters.action or "stats"
    if not ACTIONS[action] then
        return {
            status = "error",
            message = ("no action is called %s; try send, history, rooms, users or stats"):format(tostring(action)),
        }
    end
    local data, why = ACTIONS[action](parameters)
    if not data then
        return { status = "error", message = why }
    end
    return { status = "success", data = data, message = ("%s: done"):format(action) }
end

return M
