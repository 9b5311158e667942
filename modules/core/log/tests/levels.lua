--- Which lines are written.

local T = { config = { level = "warn" } }

function T.lines_below_the_level_are_left_out(t)
    t.equal(t.call("info", "quiet"), false)
    t.equal(t.call("warn", "loud"), true)
    t.equal(t.logs(), { { level = "warn", text = "loud" } })
end

function T.a_tag_stands_before_the_line(t)
    t.call("write", "error", "chat", "full", { 3 })
    t.equal(t.logs()[1].text, "[chat] full { 3 }")
end

function T.tagged_loggers_write_their_tag(t)
    local chat = t.call("tagged", "chat")
    chat.warn("one")
    t.equal(t.logs()[1].text, "[chat] one")
end

function T.an_unknown_level_is_a_mistake_of_the_caller(t)
    t.raises(function()
        t.call("write", "loud", nil, "x")
    end, "debug, info, warn or error expected, got loud")
end

function T.counts_survive_a_reload(t)
    t.call("warn", "one")
    t.reload()
    t.equal(t.call("count", "warn"), 1)
    t.equal(t.call("count"), 1)
end

return T
