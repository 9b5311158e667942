--- Texts and values that would hold the host, or end it: each is refused before anything takes long.

local T = {}

local function refuses(t, why, name, ...)
    local nothing, said = t.call(name, ...)
    t.equal(nothing, nil)
    t.matches(said, why)
end

function T.yaml_that_is_nested_too_deep_is_refused_before_it_is_composed(t)
    for _, text in ipairs({ ("["):rep(30000), ("- "):rep(30000), ("{a: "):rep(30000), ("? "):rep(30000) }) do
        refuses(t, "nested deeper than 100 levels", "yaml_decode", text)
    end
end

function T.yaml_has_no_numbers_to_base_60_and_no_long_ones(t)
    t.equal(t.call("yaml_decode", "[1:30, 1:2.5, 0x10, 1_000, 1.5]"), { "1:30", "1:2.5", 16, 1000, 1.5 })
    t.equal(#t.call("yaml_decode", "1" .. (":59"):rep(20000)), 60001)
    refuses(t, "a number of more than 1,000 digits", "yaml_decode", ("1"):rep(100000))
    refuses(t, '"a" is no number', "yaml_decode", "!!int a")
end

function T.yaml_merges_stay_small(t)
    local pairs_of = {}
    for number = 1, 500 do
        pairs_of[number] = ("k%d: 1"):format(number)
    end
    local text = "a: &a {" .. table.concat(pairs_of, ", ") .. "}\nb: {<<: [" .. ("*a, "):rep(1000) .. "]}"
    refuses(t, "more than 20,000 merged pairs", "yaml_decode", text)
    refuses(t, "%%TAG lines are refused", "yaml_decode", ("%TAG !a! x\n"):rep(100) .. "--- a")
end

function T.texts_of_too_many_values_are_refused(t)
    refuses(t, "more than 50,000 values", "json_decode", "[" .. ("1,"):rep(60000) .. "1]")
    refuses(t, "more than 50,000 values", "csv_decode", (",\n"):rep(60000))
    refuses(t, "more than 50,000 values", "csv_decode", (","):rep(60000))
    refuses(t, "more than 20,000 values", "xml_decode", ("<a>"):rep(60000))
    refuses(t, "more than 20,000 values", "yaml_decode", "[" .. ("1,"):rep(60000) .. "1]")
    refuses(t, "more than 65,536 characters", "toml_decode", "a = '" .. ("x"):rep(70000) .. "'")
    t.equal(#t.call("json_decode", '"' .. ("[,"):rep(60000) .. '"'), 120000)
end

function T.long_numbers_are_refused(t)
    local digits = ("1"):rep(60000)
    refuses(t, "a number of more than 1,000 digits", "json_decode", digits)
    refuses(t, "a number of more than", "toml_decode", "a = " .. digits)
    refuses(t, "a key of more than 50 parts", "toml_decode", ('"a b".'):rep(60) .. "c = 1")
end

function T.a_long_namespace_is_refused(t)
    refuses(t, "a namespace of more than 200 characters", "xml_decode", '<a xmlns="' .. ("x"):rep(300) .. '"/>')
end

function T.an_indent_has_a_limit(t)
    refuses(t, "an indent is 0 to 16", "json_encode", { 1 }, { indent = 1e8 })
    refuses(t, "an indent is 0 to 16", "json_encode", { 1 }, { indent = -1 })
end

function T.xml_writes_no_markup_from_names(t)
    for _, name in ipairs({ "a><b", "", "1a", "a b", 'a="1"', "{x}", "a}b" }) do
        refuses(t, "is no name of an element or attribute", "xml_encode", { tag = name })
        refuses(t, "is no name of an element or attribute", "xml_encode", { tag = "a", attributes = { [name] = "1" } })
    end
    t.equal(t.call("xml_encode", { tag = "ä:b-1", attributes = { ["x:y"] = "<" } }), '<ä:b-1 x:y="&lt;" />')
end

return T
