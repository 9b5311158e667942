--- Messages, from their arrival to what others see of them.

local T = { config = { maxMessages = 3, maxLength = 20 } }

function T.a_message_gets_an_id_a_type_and_a_time(t)
    t.emit("onMessageReceived", { sender = "ana", content = "hi" })
    local message = t.call("messages", 1)[1]
    t.equal({ message.id, message.sender, message.content, message.type }, { 1, "ana", "hi", "text" })
    t.truthy(math.abs(message.timestamp - os.time()) <= 1)
end

function T.a_type_of_its_own_is_kept(t)
    t.emit("onMessageReceived", { sender = "ana", content = "waves", type = "emote" })
    t.equal(t.call("messages", 1)[1].type, "emote")
end

function T.a_text_alone_is_from_system(t)
    t.emit("onMessageReceived", "maintenance at noon")
    t.equal(t.call("messages", 1)[1].sender, "system")
end

function T.ids_grow_and_the_oldest_go(t)
    for index = 1, 5 do
        t.emit("onMessageReceived", { sender = "ana", content = "m" .. index })
    end
    t.equal(t.call("messageCount"), 3)
    local contents = {}
    for index, message in ipairs(t.call("messages")) do
        contents[index] = message.id .. message.content
    end
    t.equal(contents, { "3m3", "4m4", "5m5" })
    t.equal(#t.call("messages", 2), 2)
    t.equal(t.call("messages", 0), {})
end

function T.bad_messages_raise_nothing_and_are_counted(t)
    for _, bad in ipairs({ 7, {}, { sender = "ana" }, { content = "x" }, { sender = 1, content = "x" }, "",
        { sender = "ana", content = ("x"):rep(21) }, { sender = ("a"):rep(65), content = "x" },
        { sender = "ana", content = "x", type = {} } }) do
        t.equal(t.emit("onMessageReceived", bad).failures, {})
    end
    t.equal(t.emit("onMessageReceived").failures, {})
    t.equal(t.call("messageCount"), 0)
    t.equal(t.call("stats").refused, 10)
end

function T.a_storm_of_bad_messages_is_told_ever_more_seldom(t)
    for _ = 1, 100 do
        t.emit("onMessageReceived", 7)
    end
    t.equal(#t.logs(), 7)
end

function T.send_gives_the_id_and_tells_it(t)
    local heard = t.listen("onMessageSent")
    t.equal(t.call("send", "ana", "hi"), 1)
    t.equal(t.call("send", { sender = "ben", content = "ho" }), 2)
    t.equal(heard[2][1].content, "ho")
    local id, why = t.call("send", "ana", "")
    t.equal(id, nil)
    t.equal(why, "content is missing")
end

function T.what_others_get_is_a_copy(t)
    t.call("send", "ana", "hi")
    t.call("messages", 1)[1].content = "changed"
    t.equal(t.call("messages", 1)[1].content, "hi")
end

return T
