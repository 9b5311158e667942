--- What is written, and what comes back.

local T = {}

function T.records_come_back_in_order(t)
    t.equal(t.call("append", "weather", { { n = 1 }, { n = 2 } }), 2)
    t.equal(t.call("append", "weather", { { n = 3 } }), 1)
    t.equal(t.call("newest", "weather", 2), { { n = 2 }, { n = 3 } })
end

function T.a_stream_that_is_not_there_has_no_records(t)
    t.equal(t.call("newest", "weather", 5), {})
end

function T.streams_are_apart(t)
    t.call("append", "one", { { n = 1 } })
    t.equal(t.call("newest", "two", 5), {})
end

function T.no_records_write_nothing(t)
    t.equal(t.call("append", "weather", {}), 0)
end

function T.bytes_and_odd_numbers_become_what_json_can_say(t)
    t.call("append", "odd", { { bytes = "\255", infinite = 1 / 0, [7] = "seven" } })
    t.equal(t.call("newest", "odd"), { { bytes = "\239\191\189", ["7"] = "seven", infinite = "inf" } })
end

function T.a_name_cannot_lead_out(t)
    t.raises(function()
        t.call("append", "../../evil", { { n = 1 } })
    end, "no name for a stream")
end

function T.records_that_are_no_list_are_a_mistake_of_the_caller(t)
    t.raises(function()
        t.call("append", "weather", { n = 1 })
    end, "a list of records expected")
end

return T
