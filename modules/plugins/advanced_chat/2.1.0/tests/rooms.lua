--- Messages by room.

local T = { config = { maxMessages = 2 } }

local function contents(messages)
    local found = {}
    for index, message in ipairs(messages) do
        found[index] = message.content
    end
    return found
end

function T.a_message_without_a_room_is_in_the_lobby(t)
    t.emit("onMessageReceived", { sender = "ana", content = "hi" })
    local message = t.call("messages", 1)[1]
    t.equal({ message.id, message.room, message.type }, { 1, "lobby", "text" })
end

function T.rooms_are_apart_and_bounded_each(t)
    for index = 1, 3 do
        t.call("send", "ana", "l" .. index)
        t.call("send", "ana", "k" .. index, nil, "kitchen")
    end
    t.equal(t.call("rooms"), { "kitchen", "lobby" })
    t.equal(contents(t.call("messages", nil, "kitchen")), { "k2", "k3" })
    t.equal(contents(t.call("messages", 1, "lobby")), { "l3" })
    t.equal(contents(t.call("messages")), { "l2", "k2", "l3", "k3" })
    t.equal(t.call("messageCount"), 4)
end

function T.the_index_finds_a_message_until_it_goes(t)
    for index = 1, 3 do
        t.call("send", "ana", "m" .. index)
    end
    t.equal(t.call("message", 3).content, "m3")
    t.equal(t.call("message", 1), nil)
end

function T.there_are_at_most_200_rooms(t)
    for index = 1, 200 do
        t.call("send", "ana", "hi", nil, "room" .. index)
    end
    t.equal({ t.call("send", "ana", "hi", nil, "one more") }, { [2] = "there are 200 rooms already" })
    t.equal(t.call("send", "ana", "hi", nil, "room7"), 201)
end

function T.text_passes_through_the_word_filter(t)
    t.call("send", "ana", "what the heck")
    t.equal(t.call("messages", 1)[1].content, "what the ****")
end

function T.text_passes_through_whoever_answers_the_hook(t)
    local asked = t.listen("onChatFormat")
    t.call("send", "ana", "hi", nil, "kitchen")
    t.equal(asked[1], { "hi", { sender = "ana", room = "kitchen" } })
end

function T.requests_read_one_room(t)
    t.call("send", "ana", "hi", nil, "kitchen")
    local answer = t.execute({ parameters = { action = "history", room = "kitchen" } })
    t.equal(contents(answer.data.messages), { "hi" })
    t.equal(t.execute({ parameters = { action = "history", room = "attic" } }).data.messages, {})
    t.equal(t.execute({ parameters = { action = "rooms" } }).data.rooms, { "kitchen" })
    t.equal(t.execute({}).data.version, "2.1.0")
end

function T.rooms_survive_a_reload(t)
    t.call("send", "ana", "hi", nil, "kitchen")
    t.truthy(t.reload())
    t.equal(t.call("message", 1).room, "kitchen")
    t.equal(t.call("send", "ana", "ho"), 2)
end

function T.a_swap_back_and_a_roll_back_keep_all(t)
    t.call("send", "ana", "one", nil, "kitchen")
    t.truthy(t.swap("1.0.0"))
    t.call("send", "ana", "two")
    t.truthy(t.rollback())
    t.equal(contents(t.call("messages")), { "one", "two" })
    t.equal(t.call("rooms"), { "kitchen", "lobby" })
end

return T
