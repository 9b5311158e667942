--- Chat: messages in one list, users, filters.
---
--- Version 2.1.0 keeps messages by room. `migrate` takes its state back, so nothing is lost on the way there and back.

local filters = require("filters")
local panel = require("panel")
local reading = require("reading")

local MOST_USERS = 10000

---@class Message
---@field id integer
---@field sender string
---@field content string
---@field type string
---@field timestamp integer seconds since 1970
---@field room string? of version 2; kept for it

local messages = {} ---@type Message[] oldest first; survives swaps
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
    message.content = filters.apply(message.content, message.sender)
    if not message.content then
        return nil, "held back by a filter"
    end
    message.id, message.timestamp = next_id, os.time()
    next_id = next_id + 1
    messages[#messages + 1] = message
    while #messages > max_messages do
        table.remove(messages, 1)
    end
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
        version = "1.0.0",
        messages = #messages,
        users = present,
        filters = filters.count(),
        refused = refused,
        nextId = next_id,
    }
end

local function by_id(a, b)
    return a.id < b.id
end

local M = {}

-- Lifecycle

function M:init(config)
    max_messages = config.maxMessages or max_messages
    max_length = config.maxLength or max_length
    panel.open({
        messages = function()
            return messages
        end,
        users = user_names,
        send = self.exports.send,
    })
    host.after(0, function()
        host.emit("onChatReady", { version = self.version })
    end)
end

function M:cleanup()
    host.log.debug(("chat ends with %d messages"):format(#messages))
end

function M:getState()
    return { messages = messages, users = users, nextId = next_id, refused = refused }
end

function M:setState(state)
    if type(state.messages) ~= "table" or type(state.nextId) ~= "number" then
        return false, "it holds no messages of version 1"
    end
    messages, users = state.messages, state.users or {}
    next_id, refused = state.nextId, state.refused or 0
    present = #user_names()
    panel.changed()
end

--- Rooms of version 2 become one list again; each message keeps its room.
function M:migrate(state, from)
    if not state.rooms then
        return state
    end
    local list = {}
    for room, inside in pairs(state.rooms) do
        for _, message in ipairs(inside) do
            message.room = room
            list[#list + 1] = message
        end
    end
    table.sort(list, by_id)
    host.log.info(("took %d messages over from %s"):format(#list, from))
    return { messages = list, users = state.users, nextId = state.nextId, refused = state.refused }
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
    messageCount = function()
        return #messages
    end,

    --- The last `n` messages, oldest first; all without `n`.
    messages = function(n)
        return reading.last(messages, n)
    end,

    --- Names of who is present, in order.
    users = user_names,

    stats = stats,

    --- `send(message)` or `send(sender, content, type)`: the message's id, or nil and why not.
    send = function(sender, content, kind)
        local value = type(sender) == "table" and sender or { sender = sender, content = content, type = kind }
        local id, why = accept(value)
        if not id then
            return nil, why
        end
        host.emit("onMessageSent", messages[#messages])
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
        return { messages = reading.last(messages, parameters.count or 20) }
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
            message = ("no action is called %s; try send, history, users or stats"):format(tostring(action)),
        }
    end
    local data, why = ACTIONS[action](parameters)
    if not data then
        return { status = "error", message = why }
    end
    return { status = "success", data = data, message = ("%s: done"):format(action) }
end

return M
