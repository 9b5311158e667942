--- What the chat shows: the last messages, who is there, and a field to say something.

local LAST = 50 -- messages that are shown
local LONGEST = 400 -- bytes of one that are
local MOST_NAMES = 20 -- of those present
local SOON = 200 -- milliseconds after which what changed is shown, together with what changed meanwhile
local ME = "you" -- who says what is sent from here

local P = {}

local chat ---@type table what it is about: messages, users, send
local panel ---@type table?
local made = setmetatable({}, { __mode = "k" }) ---@type table<Message, table> rows, while their messages are kept
local due = false -- whether it will be shown

--- The beginning of a text, without half a character at its end.
local function clipped(text)
    return #text <= LONGEST and text or text:sub(1, LONGEST):gsub("[\192-\255][\128-\191]*$", "") .. "..."
end

local function row_of(message)
    local row = made[message]
    if not row then
        row = { os.date("%H:%M", message.timestamp), message.sender, clipped(message.content) }
        made[message] = row
    end
    return row
end

local function rows()
    local messages = chat.messages()
    local list = {}
    for index = math.max(1, #messages - LAST + 1), #messages do
        list[#list + 1] = row_of(messages[index])
    end
    return list
end

local function present()
    local names = chat.users()
    if #names == 0 then
        return "nobody"
    end
    return table.concat(names, ", ", 1, math.min(#names, MOST_NAMES)) .. (#names > MOST_NAMES and ", ..." or "")
end

local function show()
    due = false
    panel:update({
        messages = { rows = rows() },
        users = present(),
    })
end

--- Something changed.
function P.changed()
    if panel and not due then
        due = host.after(SOON, show) ~= nil
    end
end

local function say(text)
    local id, why = chat.send(ME, text)
    panel:update({ note = id and "" or why, draft = id and "" or nil })
end

--- Show the panel; `about` are the functions of the chat that it calls.
function P.open(about)
    chat = about
    local why
    panel, why = host.ui.panel({
        id = "chat",
        title = "Chat",
        children = {
            { kind = "table", id = "messages", columns = { "At", "From", "Says" }, rows = rows(), follow = true },
            { kind = "value", id = "users", label = "Present", value = present() },
            { kind = "row", children = {
                { kind = "field", id = "draft", placeholder = "Say something", onSubmit = say },
                { kind = "button", id = "send", text = "Send", onClick = function()
                    say(panel:value("draft") or "")
                end },
            } },
            { kind = "label", id = "note", text = "" },
        },
    })
    if not panel then
        host.log.warn(("it shows no panel: %s"):format(why))
    end
end

return P
