--- Which words are masked, and which are not.

local T = {}

function T.configured_words_are_masked_in_any_case(t)
    t.equal(t.call("clean", "Darn it, what the HECK"), "**** it, what the ****")
end

function T.parts_of_other_words_stay(t)
    t.equal(t.call("clean", "heckle the sandblaster"), "heckle the sandblaster")
end

function T.the_hook_hands_the_value_on(t)
    t.equal(t.filter("onChatFormat", "oh heck"), "oh ****")
    t.equal(t.filter("onChatFormat", "oh dear"), "oh dear")
end

function T.what_is_no_text_passes(t)
    t.equal(t.filter("onChatFormat", { 1 }), { 1 })
end

function T.words_come_and_go(t)
    t.equal(t.call("add", "Bother"), true)
    t.equal(t.call("words"), { "blast", "bother", "darn", "heck" })
    t.equal(t.call("remove", "heck"), true)
    t.equal(t.call("remove", "heck"), false)
    t.equal(t.call("clean", "heck, bother"), "heck, ******")
end

function T.a_letter_of_two_bytes_is_masked_once(t)
    t.call("add", "süß")
    t.equal(t.call("clean", "so süß!"), "so ***!")
end

function T.what_is_no_word_is_refused(t)
    t.matches(select(2, t.call("add", "two words")), "without spaces")
    t.matches(select(2, t.call("add", ("x"):rep(65))), "at most 64 bytes")
    t.matches(select(2, t.call("add", 7)), "letters and digits")
end

function T.words_survive_a_reload(t)
    t.call("remove", "heck")
    t.call("add", "bother")
    t.reload()
    t.equal(t.call("words"), { "blast", "bother", "darn" })
    t.equal(t.state(), { words = { "blast", "bother", "darn" } })
end

return T
