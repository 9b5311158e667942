--- What the chat shows, and what is said there.

local T = {}

function T.messages_and_users_are_shown(t)
    t.emit("onUserJoined", "ana")
    t.emit("onMessageReceived", { sender = "ana", content = "hi" })
    t.eventually(function()
        local shown = t.panel("chat")
        return shown.users.value == "ana" and #shown.messages.rows == 1
    end)
    local row = t.panel("chat").messages.rows[1]
    t.matches(row[1], "^%d%d:%d%d$")
    t.equal({ row[2], row[3] }, { "ana", "hi" })
end

function T.enter_sends_what_was_typed_and_empties_the_field(t)
    t.truthy(t.operate("chat", "draft", "onChange", "ahoy"))
    t.truthy(t.operate("chat", "draft", "onSubmit", "ahoy"))
    local message = t.call("messages", 1)[1]
    t.equal({ message.sender, message.content }, { "you", "ahoy" })
    t.equal(t.panel("chat").draft.value, "")
end

function T.the_button_sends_it_too_and_says_why_it_did_not(t)
    t.operate("chat", "send", "onClick")
    t.equal(t.panel("chat").note.text, "content is missing")
    t.operate("chat", "draft", "onChange", "ahoy")
    t.operate("chat", "send", "onClick")
    t.equal(t.call("messageCount"), 1)
    t.equal(t.panel("chat").note.text, "")
end

function T.what_is_half_typed_survives_a_reload(t)
    t.emit("onMessageReceived", { sender = "ana", content = "hi" })
    t.operate("chat", "draft", "onChange", "half")
    t.truthy(t.reload())
    t.equal(t.panel("chat").draft.value, "half")
    t.eventually(function()
        return #t.panel("chat").messages.rows == 1
    end)
end

function T.a_storm_of_long_messages_is_shown_in_part(t)
    local long = ("\226\130\172"):rep(1000)
    for _ = 1, 150 do
        t.call("send", "ana", long)
    end
    t.eventually(function()
        return #t.panel("chat").messages.rows == 50
    end)
    t.matches(t.panel("chat").messages.rows[50][3], "^[\226\130\172]+%.%.%.$")
end

function T.a_room_is_chosen_in_the_panel(t)
    t.call("send", "ana", "hi", nil, "deck")
    t.call("send", "ana", "here", nil, "lobby")
    t.eventually(function()
        return #t.panel("chat").room.options == 2
    end)
    t.truthy(t.operate("chat", "room", "onChange", "deck"))
    t.eventually(function()
        local rows = t.panel("chat").messages.rows
        return #rows == 1 and rows[1][3] == "hi"
    end)
    t.operate("chat", "draft", "onSubmit", "there")
    t.equal(t.call("messages", 1, "deck")[1].content, "there")
end

return T
