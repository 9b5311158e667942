--- What is not there and what may not be asked for.

local T = { config = { pages = { "https://example.com/" } } }

function T.nothing_is_kept_at_first(t)
    t.equal(t.call("pages"), {})
    t.equal(t.call("page", "https://example.com/"), nil)
end

function T.a_page_that_may_not_be_read_is_named_with_the_reason(t)
    local found, refused = t.call("harvest", { "https://example.org/" })
    t.equal(found, {})
    t.matches(refused["https://example.org/"], "permission denied")
end

function T.what_is_no_list_of_addresses_is_an_error(t)
    t.raises(function()
        t.call("harvest", { 5 })
    end, "a list of addresses expected")
    t.raises(function()
        t.call("page")
    end, "string expected")
end

return T
