--- Requests, and what survives a swap.

local T = {}

local function contents(messages)
    local found = {}
    for index, message in ipairs(messages) do
        found[index] = message.content
    end
    return found
end

function T.an_empty_request_gets_a_summary(t)
    t.call("send", "ana", "hi")
    for _, request in ipairs({ { parameters = {} }, {} }) do
        local answer = t.execute(request)
        t.equal(answer.status, "success")
        t.equal({ answer.data.messages, answer.data.users, answer.data.version }, { 1, 0, "1.0.0" })
    end
end

function T.requests_send_and_read(t)
    local sent = t.execute({ parameters = { action = "send", sender = "ana", content = "hi" } })
    t.equal({ sent.status, sent.data.id }, { "success", 1 })
    local history = t.execute({ parameters = { action = "history", count = 5 } })
    t.equal(contents(history.data.messages), { "hi" })
    t.emit("onUserJoined", "ana")
    t.equal(t.execute({ parameters = { action = "users" } }).data.users, { "ana" })
end

function T.what_cannot_be_answered_is_an_error_with_a_message(t)
    local answer = t.execute({ parameters = { action = "dance" } })
    t.equal(answer.status, "error")
    t.matches(answer.message, "no action is called dance")
    t.equal(t.execute({ parameters = { action = "send" } }).status, "error")
end

function T.it_says_that_it_is_ready_after_each_swap(t)
    local heard = t.listen("onChatReady")
    t.reload()
    t.eventually(function()
        return #heard > 0 and heard[#heard][1].version == "1.0.0"
    end)
end

function T.version_2_takes_all_over_and_version_1_takes_it_back(t)
    t.emit("onUserJoined", "ana")
    t.call("send", "ana", "one")
    t.call("send", "ben", "two")
    t.truthy(t.swap("2.1.0"))
    t.equal(contents(t.call("messages")), { "one", "two" })
    t.call("send", "cat", "three", "text", "kitchen")
    t.call("send", "cat", "four")
    t.truthy(t.swap("1.0.0"))
    t.equal(contents(t.call("messages")), { "one", "two", "three", "four" })
    t.equal(t.call("messages")[3].room, "kitchen")
    t.equal(t.call("users"), { "ana" })
    t.call("send", "dan", "five")
    t.truthy(t.swap("2.1.0"))
    t.equal(t.call("rooms"), { "kitchen", "lobby" })
    t.equal(contents(t.call("messages", nil, "kitchen")), { "three" })
    t.equal(t.call("message", 5).content, "five")
end

return T
