--- Who is present, and what filters do.

local T = {}

function T.users_come_and_go(t)
    t.emit("onUserJoined", "ben")
    t.emit("onUserJoined", { name = "ana" })
    t.emit("onUserJoined", "ana")
    t.equal(t.call("users"), { "ana", "ben" })
    t.emit("onUserLeft", "ben")
    t.emit("onUserLeft", "nobody")
    t.equal(t.call("users"), { "ana" })
    t.equal(t.call("stats").users, 1)
end

function T.a_user_without_a_name_is_refused(t)
    t.equal(t.emit("onUserJoined", { age = 7 }).failures, {})
    t.equal(t.call("users"), {})
end

function T.a_filter_changes_the_content(t)
    t.equal(t.call("addFilter", function(content, sender)
        return sender .. " says " .. content
    end), true)
    t.call("send", "ana", "hi")
    t.equal(t.call("messages", 1)[1].content, "ana says hi")
end

function T.a_filter_that_returns_nothing_changes_nothing(t)
    t.call("addFilter", function() end)
    t.call("send", "ana", "hi")
    t.equal(t.call("messages", 1)[1].content, "hi")
end

function T.a_filter_that_returns_false_holds_back(t)
    t.call("addFilter", function(_, sender)
        return sender ~= "mallory" and nil
    end)
    t.equal({ t.call("send", "mallory", "hi") }, { [2] = "held back by a filter" })
    t.equal(t.call("send", "ana", "hi"), 1)
end

function T.a_filter_that_fails_is_dropped_and_named(t)
    t.call("addFilter", function()
        error("broken filter")
    end)
    t.equal(t.call("send", "ana", "hi"), 1)
    t.equal(t.call("stats").filters, 0)
    t.matches(t.logs()[1].text, "a filter was dropped: .*broken filter")
end

function T.what_is_no_filter_is_a_mistake_of_the_caller(t)
    t.raises(function()
        t.call("addFilter", "shout")
    end, "function expected, got string")
end

return T
