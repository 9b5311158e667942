--- What a line looks like.

local T = {}

function T.strings_stand_alone_and_are_quoted_in_tables(t)
    t.equal(t.call("format", "a", 1, true, nil, { "b" }), 'a 1 true nil { "b" }')
end

function T.keys_are_sorted_and_numbers_come_first(t)
    t.equal(t.call("format", { b = 1, a = 2, [10] = 3, "x" }), '{ "x", [10] = 3, a = 2, b = 1 }')
end

function T.keys_that_are_no_names_are_quoted(t)
    t.equal(t.call("format", { ["two words"] = 1, [true] = 2 }), '{ ["two words"] = 1, [true] = 2 }')
end

function T.deep_tables_are_cut(t)
    t.equal(t.call("format", { { { { { 1 } } } } }), "{ { { { {...} } } } }")
end

function T.long_tables_are_cut(t)
    local many = {}
    for index = 1, 100 do
        many[index] = index
    end
    t.matches(t.call("format", many), "19, 20, ... }$")
end

function T.long_lines_are_cut(t)
    t.equal(#t.call("format", ("x"):rep(5000), ("y"):rep(5000)), 2000)
end

function T.control_characters_in_tables_are_escaped(t)
    t.equal(t.call("format", { "a\nb\0" }), '{ "a\\nb\\000" }')
end

function T.functions_are_named_by_their_kind(t)
    t.equal(t.call("format", { f = print }), "{ f = <function> }")
end

function T.the_formatter_shows_a_cycle_at_home(t)
    local show = load(t.call("formatter"))()
    local node = { name = "leaf" }
    node.parent = { child = node }
    t.equal(show(nil, node), '{ name = "leaf", parent = { child = <cycle: value> } }')
end

function T.the_formatter_calls_no_metamethod(t)
    local show = load(t.call("formatter"))()
    local touchy = setmetatable({ 1 }, {
        __index = error,
        __tostring = error,
        __len = error,
    })
    t.equal(show(nil, touchy), "{ 1 }")
end

return T
