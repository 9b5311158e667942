--- What comes out of text, what goes into it, and what is refused.

local T = {}

local function refused(t, name, ...)
    local nothing, why = t.call(name, ...)
    t.equal(nothing, nil)
    return why
end

function T.json_keeps_lists_objects_and_numbers(t)
    for _, text in ipairs({
        '{"a":[],"b":{},"c":[[],{}]}',
        "[]", "{}", "0.1", "1e+300", "-9007199254740992", '"ä\\u0000\\n"', "true", "[1,[2,[3]]]",
    }) do
        t.equal(t.call("json_encode", (t.call("json_decode", text))), text)
    end
end

function T.a_number_too_large_for_lua_comes_as_text(t)
    t.equal(t.call("json_decode", "[12345678901234567890]"), { "12345678901234567890" })
end

function T.bad_json_is_refused_with_its_place(t)
    for text, why in pairs({
        ["{"] = "line 1 column 2",
        ["[NaN]"] = "NaN is no JSON",
        ['{"a":1,"a":2}'] = "a key stands twice",
        ["\255"] = "the text is not UTF%-8",
        [("["):rep(100000)] = "nested too deep",
        [("["):rep(150) .. ("]"):rep(150)] = "nested deeper",
    }) do
        t.matches(refused(t, "json_decode", text), why)
    end
    t.matches(refused(t, "json_encode", { 0 / 0 }), "JSON cannot say it")
    t.matches(refused(t, "json_encode", { "\255" }), "no UTF%-8")
end

function T.yaml_makes_no_objects_and_no_bombs(t)
    t.equal(t.call("yaml_decode", "a: &x [1]\nb: *x\nday: 2020-01-02\n"), { a = { 1 }, b = { 1 }, day = "2020-01-02" })
    t.matches(refused(t, "yaml_decode", "!!python/object/apply:os.system [ls]"), "is none of plain data")
    local lines = { 'a0: &a0 ["x","x","x","x","x","x","x","x","x","x"]' }
    for n = 1, 9 do
        lines[n + 1] = ("a%d: &a%d [%s]"):format(n, n, ("*a" .. n - 1 .. ","):rep(9) .. "*a" .. n - 1)
    end
    t.matches(refused(t, "yaml_decode", table.concat(lines, "\n")), "more than 20,000 values")
    t.matches(refused(t, "yaml_decode", "&a [*a]"), "it holds itself")
    t.matches(refused(t, "yaml_decode", "a: [1"), "YAML: ")
end

function T.toml_and_its_long_keys(t)
    t.equal(t.call("toml_decode", "a.b = [1, 2]\nd = 2020-01-02"), { a = { b = { 1, 2 } }, d = "2020-01-02" })
    t.matches(refused(t, "toml_decode", ("a."):rep(20000) .. "a = 1"), "a key of more than 50 parts")
    t.matches(refused(t, "toml_decode", "a = "), "TOML: ")
    t.matches(refused(t, "toml_encode", 5), "TOML cannot say it")
end

function T.csv_with_quotes_and_rows_that_do_not_fit(t)
    t.equal(t.call("csv_decode", 'a;"b;\nc"\n', { separator = ";" }), { { "a", "b;\nc" } })
    t.equal(t.call("csv_encode", { { b = 1, a = "x" } }), "a,b\nx,1\n")
    t.matches(refused(t, "csv_decode", "a,b\n1\n", { header = true }), "row 2 has 1 fields, and the header 2")
    t.matches(refused(t, "csv_decode", "a", { separator = "" }), "CSV: ")
    t.matches(refused(t, "csv_decode", 'a,"b"c'), "CSV: ',' expected after '\"'")
    t.matches(refused(t, "csv_encode", { 5 }), "CSV cannot say it: ")
    t.equal(t.call("csv_encode", {}), "")
    for _, value in ipairs({ "text", 5, { a = 1 } }) do
        t.raises(function()
            t.call("csv_encode", value)
        end, "bad argument #1 to 'csv_encode' (a list of rows expected)")
    end
end

function T.xml_expands_nothing(t)
    t.matches(
        refused(t, "xml_decode", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "entities and document types are refused"
    )
    t.matches(refused(t, "xml_decode", "<x>"), "XML: ")
    t.matches(refused(t, "xml_encode", { text = "no tag" }), "XML cannot say it")
end

function T.other_wrong_input(t)
    t.matches(refused(t, "base64_decode", "a b"), "base64: ")
    t.matches(refused(t, "hash", "md6", ""), "no hash is called 'md6'")
    t.raises(function()
        t.call("json_decode", 5)
    end, "bad argument #1 to 'json_decode' (string expected, got number)")
    local nothing, why = t.call("set", { a = 1 }, "a.b", 2)
    t.equal({ nothing == nil, why }, { true, "a is a number" })
end

function T.paths_and_merging(t)
    local tree = { list = { { name = "a" }, { name = "b" } }, ["odd.key"] = 1 }
    t.equal(t.call("get", tree, "list[2].name"), "b")
    t.equal(t.call("get", tree, { "odd.key" }), 1)
    t.equal(t.call("get", tree, "list[3].name", "none"), "none")
    t.equal(t.call("set", {}, "a.b[1]", true), { a = { b = { true } } })
    t.equal(t.call("deep_merge", { a = { 1, 2 }, b = { c = 1 } }, { a = { 3 }, b = { d = 2 } }), {
        a = { 3 },
        b = { c = 1, d = 2 },
    })
end

return T
