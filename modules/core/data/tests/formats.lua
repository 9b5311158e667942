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
        ["[1e400]"] = "1e400 is a number beyond 1.8e308",
        ["\255"] = "the text is not UTF%-8",
        [("["):rep(100000)] = "nested too deep",
        [("["):rep(150) .. ("]"):rep(150)] = "nested deeper",
    }) do
        t.matches(refused(t, "json_decode", text), why)
    end
    t.equal(refused(t, "json_encode", { 0 / 0 }), "JSON cannot say it: NaN and the infinite are no JSON")
    t.matches(refused(t, "json_encode", { [1] = 1, [5] = 2, ["1"] = 3 }), "keys that are written alike")
    t.matches(refused(t, "json_encode", { "\255" }), "no UTF%-8")
end

function T.gaps_in_lists_are_null(t)
    t.equal(t.call("json_decode", "[null,1,null]"), { nil, 1 })
    t.equal(t.call("json_encode", { 1, 2, nil, 4 }), "[1,2,null,4]")
    t.equal(t.call("json_encode", { [2] = 1 }), "[null,1]")
    t.equal(t.call("json_encode", { [7] = 1 }), '{"7":1}')
    t.equal(t.call("yaml_encode", { a = { 1, nil, 3 } }), "a:\n- 1\n- null\n- 3\n")
    t.matches(refused(t, "toml_encode", { a = { 1, nil, 3 } }), "it has no null")
end

function T.a_null_can_be_kept(t)
    local text = '{"a":null,"b":[null,1,null]}'
    local found = t.call("json_decode", text, { null = true })
    t.equal({ t.call("is_null", found.a), t.call("is_null", found.b) }, { true, false })
    t.equal(t.call("json_encode", found), text)
    t.equal(t.call("json_encode", { t.call("null") }), "[null]")
    t.equal(t.call("yaml_encode", t.call("yaml_decode", "a: null", { null = true })), "a: null\n")
end

function T.other_names_do_the_same(t)
    t.equal(t.call("to_json", t.call("parse_json", '{"a":[1]}')), '{"a":[1]}')
    t.equal(t.call("to_yaml", t.call("parse_yaml", "a: 1")), "a: 1\n")
end

function T.an_option_that_there_is_none_of_is_refused(t)
    for message, arguments in pairs({
        ["unknown option 'heads' to 'csv_decode'; it has header, separator"] = { "csv_decode", "a", { heads = true } },
        ["unknown option 'x' to 'xml_decode'; it has none"] = { "xml_decode", "<a/>", { x = 1 } },
        ["bad option 'indent' to 'json_encode' (number expected, got string)"] = { "json_encode", 1, { indent = "x" } },
        ["bad argument #2 to 'json_decode' (table expected, got string)"] = { "json_decode", "1", "null" },
    }) do
        t.raises(function()
            t.call(unpack(arguments))
        end, message)
    end
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
    t.matches(refused(t, "yaml_decode", "b: {a: 1, 'a': 2}"), 'the key "a" stands twice in one mapping in line 1')
    t.matches(refused(t, "yaml_decode", "true: 1\n'true': 2"), "two keys of one table are written alike")
    t.equal(t.call("yaml_decode", "x: &x {a: 1, b: 1}\ny: {<<: *x, a: 2}\nz: {<<: *x}").y, { a = 2, b = 1 })
    t.matches(refused(t, "yaml_decode", "1.0e+400"), "a number beyond 1.8e308")
end

function T.toml_and_its_long_keys(t)
    t.equal(t.call("toml_decode", "a.b = [1, 2]\nd = 2020-01-02"), { a = { b = { 1, 2 } }, d = "2020-01-02" })
    t.matches(refused(t, "toml_decode", ("a."):rep(20000) .. "a = 1"), "a key of more than 50 parts")
    t.matches(refused(t, "toml_decode", "a = "), "TOML: ")
    t.matches(refused(t, "toml_decode", "a = 1e400"), "a number beyond 1.8e308")
    for _, value in ipairs({ 5, { 1, 2 } }) do
        t.equal(refused(t, "toml_encode", value), "TOML cannot say it: its outermost value is a table by names")
    end
    t.equal(t.call("toml_encode", { a = { [10] = 1 } }), "[a]\n10 = 1\n")
end

function T.csv_with_quotes_and_rows_that_do_not_fit(t)
    t.equal(t.call("csv_decode", 'a;"b;\nc"\n', { separator = ";" }), { { "a", "b;\nc" } })
    t.equal(t.call("csv_encode", { { b = 1, a = "x" } }), "a,b\nx,1\n")
    t.matches(refused(t, "csv_decode", "a,b\n1\n", { header = true }), "row 2 has 1 fields, and the header 2")
    t.matches(refused(t, "csv_decode", "a,b,a\n", { header = true }), 'CSV: the header says "a" twice')
    for _, separator in ipairs({ "", ";;", '"', "\n" }) do
        t.matches(refused(t, "csv_decode", "a", { separator = separator }), "CSV: a separator is one character")
    end
    t.matches(refused(t, "csv_decode", 'a,"b"c'), "CSV: ',' expected after '\"'")
    t.equal(t.call("csv_encode", { { 1, nil, 3 }, { nil, true }, {}, { [7] = "x" } }), "1,,3\n,true\n\n,,,,,,x\n")
    t.equal(t.call("csv_encode", { { a = 1 }, { b = 2 } }), "a,b\n1,\n,2\n")
    for why, rows in pairs({
        ["row 1 is no list, as the first is"] = { 5 },
        ["row 2 is no table by names, as the first is"] = { { a = 1 }, { 1 } },
        ["row 2 is no list, as the first is"] = { { 1 }, { a = 1 } },
        ["field 2 of row 1 is a table, and there are no tables in CSV"] = { { 1, { x = 1 } } },
        ["a row has places from 1 on, or names"] = { { 1 }, { [0.5] = 1 } },
        ["more than 50,000 values"] = { { 1 }, { [1e6] = 1 } },
    }) do
        t.matches(refused(t, "csv_encode", rows), why)
    end
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
    for why, element in pairs({
        ["an element is a table with a tag"] = { text = "no tag" },
        ['and no "txt"'] = { tag = "a", txt = "b" },
        ["the children of an element are a list"] = { tag = "a", children = { b = 1 } },
        ["the attributes of an element are a table by names"] = { tag = "a", attributes = { "b" } },
        ["a text or attribute is a table"] = { tag = "a", text = {} },
        ["a character that XML has not"] = { tag = "a", text = "\0" },
        ["a character that XML has not, such"] = { tag = "a", attributes = { b = "\27" } },
    }) do
        t.matches(refused(t, "xml_encode", element), "XML cannot say it: .*" .. why)
    end
end

function T.xml_loses_no_text(t)
    for _, text in ipairs({
        "<p>one<b>two</b>three<b />four</p>", "<p> x </p>", "<p>a <b>b</b> <i>c</i></p>",
        '<a><b>1</b><c d="2" /></a>', "<a>x&#13;y</a>",
    }) do
        t.equal(t.call("xml_encode", t.call("xml_decode", text)), text)
    end
    t.equal(t.call("xml_decode", "<a>\n  <b/>\n</a>"), { tag = "a", children = { { tag = "b" } } })
    t.equal(t.call("xml_decode", "<a>x<![CDATA[<y>]]><b/><![CDATA[z]]></a>"), {
        tag = "a",
        text = "x<y>",
        children = { { tag = "b", tail = "z" } },
    })
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
