--- What is kept, and what comes back.

local T = {}

function T.every_kind_of_value_comes_back_as_it_was(t)
    local kinds = {
        yes = true,
        no = false,
        whole = 2 ^ 53,
        part = 0.1,
        text = "Grüße",
        bytes = "\255\0\1",
        empty = {},
        list = { 1, "two", { 3 } },
        mixed = { 1, 2, name = "x", [10] = { deep = { true } } },
    }
    for name, value in pairs(kinds) do
        t.equal(t.call("set", name, value), true)
        t.equal(t.call("get", name), value, name)
    end
    t.equal(#t.call("keys"), 9)
end

function T.a_gap_in_a_list_stays_one(t)
    t.call("set", "gap", { 1, nil, 3 })
    local value = t.call("get", "gap")
    t.equal({ value[1], value[2] == nil, value[3] }, { 1, true, 3 })
end

function T.a_key_that_is_not_there_gives_the_default(t)
    t.equal(t.call("get", "none"), nil)
    t.equal(t.call("get", "none", { 1 }), { 1 })
    t.equal(t.call("exists", "none"), false)
    t.equal(t.call("delete", "none"), false)
    t.call("set", "falsy", false)
    t.equal(t.call("get", "falsy", "default"), false)
end

function T.nil_removes_a_key(t)
    t.call("set", "key", 1)
    t.equal(t.call("set", "key", nil), true)
    t.equal(t.call("exists", "key"), false)
end

function T.keys_are_sorted_and_only_two_wildcards_count(t)
    for _, key in ipairs({ "b", "a1", "a2", "A1", "a[1]", "a\0b", "ä" }) do
        t.call("set", key, 1)
    end
    t.equal(t.call("keys", "a?"), { "a1", "a2" })
    t.equal(t.call("keys", "a*"), { "a\0b", "a1", "a2", "a[1]" })
    t.equal(t.call("keys", "a[1]"), { "a[1]" })
    t.equal(t.call("keys", "?"), { "b", "ä" })
    t.equal(t.call("clear", "a*"), 4)
    t.equal(t.call("clear"), 3)
    t.equal(t.call("keys"), {})
end

function T.numbers_count_up_and_down(t)
    t.equal(t.call("increment", "n"), 1)
    t.equal(t.call("increment", "n", 2.5), 3.5)
    t.equal(t.call("decrement", "n", 0.5), 3)
    t.call("set", "n", "three")
    local value, why = t.call("increment", "n")
    t.equal({ value == nil, why }, { true, "key n is not a number" })
end

function T.texts_and_lists_grow(t)
    t.equal(t.call("append", "text", "ab"), 2)
    t.equal(t.call("append", "text", "\255"), 3)
    t.equal(t.call("get", "text"), "ab\255")
    t.equal(t.call("list_push", "list", { 1 }), 1)
    t.equal(t.call("list_push", "list", "two"), 2)
    t.equal(t.call("list_length", "list"), 2)
    t.equal(t.call("list_pop", "list"), "two")
    t.equal(t.call("list_pop", "list"), { 1 })
    t.equal(t.call("list_pop", "list"), nil)
    t.equal(t.call("list_length", "list"), 0)
end

function T.compare_swap_looks_at_values(t)
    t.equal(t.call("compare_swap", "key", nil, { a = { 1, 2 } }), true)
    t.equal(t.call("compare_swap", "key", nil, 2), false)
    t.equal(t.call("compare_swap", "key", { a = { 1, 3 } }, 2), false)
    t.equal(t.call("compare_swap", "key", { a = { 1, 2 } }, 1), true)
    t.equal(t.call("compare_swap", "key", true, 2), false, "1 and true differ")
    t.equal(t.call("compare_swap", "key", 1, nil), true)
    t.equal(t.call("exists", "key"), false)
end

function T.time_to_live(t)
    t.call("set", "short", 1, 100)
    local left = t.call("get_ttl", "short")
    t.truthy(left > 90 and left <= 100)
    t.call("set_ttl", "short", 0)
    t.equal(t.call("get_ttl", "short"), -1)
    t.equal(t.call("get_ttl", "none"), -2)
    local done, why = t.call("set_ttl", "none", 5)
    t.equal({ done == nil, why }, { true, "key not found: none" })
end

function T.a_transaction_counts_as_one(t)
    t.equal(t.call("transaction", function()
        t.call("set", "a", 1)
        return "kept", nil, 3
    end), "kept")
    local problem = t.raises(function()
        t.call("transaction", function()
            t.call("set", "a", 2)
            t.call("set", "b", 2)
            error("no")
        end)
    end, "no")
    t.truthy(problem)
    t.equal(t.call("get", "a"), 1)
    t.equal(t.call("exists", "b"), false)
end

function T.a_transaction_that_waits_is_rolled_back(t)
    local done, why = t.call("transaction", function()
        t.call("set", "a", 1)
        host.sleep(1)
        local late, refusal = t.call("set", "a", 2)
        t.equal({ late == nil, refusal }, {
            true,
            "the transaction was rolled back because it waited; nothing was changed",
        })
    end)
    t.equal({ done == nil, why }, { true, "the transaction was rolled back because it waited; nothing was changed" })
    t.equal(t.call("exists", "a"), false)
    t.equal(t.call("set", "a", 3), true)
end

function T.what_is_kept_survives_a_reload(t)
    t.call("set", "key", "kept")
    t.truthy(t.reload())
    t.equal(t.call("get", "key"), "kept")
end

function T.stats_tell_what_there_is(t)
    t.call("set", "key", 1)
    t.call("try_lock", "door")
    local stats = t.call("stats")
    t.equal({ stats.total_keys, stats.expired_keys, stats.active_locks }, { 1, 0, 1 })
    t.truthy(stats.db_size_bytes > 0)
    t.matches(stats.db_path, "state%.sqlite3$")
end

function T.wrong_arguments_are_named(t)
    local wrong = {
        { "string expected, got number", "set", 1, 1 },
        { "1 to 1024 bytes expected", "get", "" },
        { "1 to 1024 bytes expected", "get", ("k"):rep(1025) },
        { "seconds above 0 and up to 2^40 expected", "set", "k", 1, -1 },
        { "seconds above 0 and up to 2^40 expected", "set", "k", 1, 0 / 0 },
        { "seconds expected, got string", "set", "k", 1, "5" },
        { "number expected, got string", "increment", "k", "1" },
        { "functions cannot be kept", "set", "k", { f = print } },
        { "value expected, got nil", "list_push", "k" },
    }
    for _, each in ipairs(wrong) do
        t.raises(function()
            t.call(unpack(each, 2, 5))
        end, each[1])
    end
    t.equal(t.call("keys"), {})
end

return T
