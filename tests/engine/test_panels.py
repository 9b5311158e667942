"""Panels: what modules declare is seen as data, what people do there reaches them, and bad ones hurt nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from host import DeadlineExceeded, Host, HostError, ModuleFault, SwapFailed
from host.vocabulary.views import PanelChange, PanelNode, PlainData
from tests.engine.place import DEADLINE, Place

METER = """
local clicks, heard = 0, {}
local panel
local function hear(what)
    return function(value)
        heard[#heard + 1] = { what, value }
    end
end
local M = {}
function M:init()
    panel = assert(host.ui.panel {
        id = "meter", title = "Meter",
        children = {
            { kind = "value", id = "n", label = "Clicks", value = 0 },
            { kind = "row", id = "row", children = {
                { kind = "button", id = "go", text = "Go", onClick = function()
                    clicks = clicks + 1
                    panel:update { n = clicks }
                end },
            } },
            { kind = "field", id = "typed", onChange = hear("change"), onSubmit = function(text)
                hear("submit")(text)
                panel:update { typed = "" }
            end },
            { kind = "checkbox", id = "tick", onChange = hear("tick") },
            { kind = "choice", id = "pick", options = { "one", "two" }, onChange = hear("pick") },
            { kind = "table", id = "rows", rows = { { "a" }, { "b" } }, onClick = hear("row") },
            { kind = "button", id = "off", text = "Off", enabled = false, onClick = hear("off") },
            { kind = "button", id = "bad", text = "Bad", onClick = function() error("it failed") end },
            { kind = "button", id = "loop", text = "Loop", onClick = function() while true do end end },
            { kind = "button", id = "away", text = "Away", onClick = function() panel:close() end },
        },
    })
end
M.exports = {
    clicks = function() return clicks end,
    heard = function() return heard end,
    update = function(changes) return panel:update(changes) end,
    value = function(id) return panel:value(id) end,
    close = function() return panel:close() end,
    storm = function(n) for i = 1, n do panel:update { n = i } end end,
    rebuild = function(n)
        local children = {}
        for i = 1, n do
            children[i] = { kind = "button", id = "b" .. i, text = "B", onClick = hear(i) }
        end
        return panel:update { row = { children = children } }
    end,
}
return M
"""


@pytest.fixture
async def metered(place: Place) -> AsyncIterator[Host]:
    place.module("meter", METER)
    async with place.host(quarantine=None) as host:
        await host.load("meter")
        yield host


def node(change: PanelChange, key: str) -> PanelNode:
    assert change.whole is not None
    pending = list(change.whole.children)
    while pending:
        each = pending.pop()
        if each.key == key:
            return each
        pending += each.children
    raise AssertionError(f"no widget {key}")


async def shown(host: Host, key: str) -> Any:
    (panel,) = await host.panels()
    return node(panel, key).properties.get("value")


async def test_what_is_declared_is_seen_as_data(metered: Host) -> None:
    (panel,) = await metered.panels()
    assert panel.whole is not None
    assert (panel.module, panel.panel, panel.whole.title) == ("meter", "meter", "Meter")
    assert node(panel, "n") == PanelNode(key="n", kind="value", properties={"label": "Clicks", "value": 0})
    assert [child.key for child in node(panel, "row").children] == ["go"]
    assert node(panel, "go").properties == {"text": "Go", "onClick": True}
    assert [brief.id for brief in metered.snapshot().modules["meter"].panels] == ["meter"]


async def test_a_click_calls_its_handler_and_what_that_changes_is_news(metered: Host) -> None:
    (panel,) = await metered.panels()
    await metered.operate("meter", "meter", "go", "onClick")
    (news,) = await metered.panels({"meter/meter": panel.revision}, wait=DEADLINE)
    assert await metered.call("meter", "clicks") == 1
    assert (news.whole, news.changed) == (None, {"n": {"value": 1}})


async def test_what_people_type_tick_and_choose_is_told_and_kept(metered: Host) -> None:
    for widget, event, value in (
        ("typed", "onChange", "hi"),
        ("tick", "onChange", True),
        ("pick", "onChange", "two"),
        ("rows", "onClick", 2),
        ("typed", "onSubmit", "hi!"),
    ):
        await metered.operate("meter", "meter", widget, event, value)
    told = [["change", "hi"], ["tick", True], ["pick", "two"], ["row", 2], ["submit", "hi!"]]
    assert await metered.call("meter", "heard") == told
    assert [await metered.call("meter", "value", key) for key in ("typed", "tick", "pick")] == ["", True, "two"]


@pytest.mark.parametrize(
    ("widget", "event", "value"),
    [
        ("go", "onChange", "x"),
        ("go", "onSubmit", None),
        ("n", "onClick", None),
        ("typed", "onChange", 5),
        ("tick", "onChange", "yes"),
        ("pick", "onChange", "three"),
        ("rows", "onClick", 0),
        ("rows", "onClick", 3),
        ("rows", "onClick", None),
        ("off", "onClick", None),
        ("nowhere", "onClick", None),
        ("go", "__index", None),
    ],
)
async def test_what_nobody_could_do_is_refused_and_not_told(
    metered: Host, widget: str, event: str, value: PlainData
) -> None:
    before = await metered.panels()
    with pytest.raises(HostError, match=r"nothing was done|no widget") as refused:
        await metered.operate("meter", "meter", widget, event, value)
    assert not isinstance(refused.value, ModuleFault)
    assert await metered.call("meter", "heard") == {}
    assert await metered.panels() == before


async def test_of_ten_thousand_changes_one_is_seen_and_it_is_the_last(metered: Host) -> None:
    (panel,) = await metered.panels()
    await metered.call("meter", "storm", 300)
    (news,) = await metered.panels({"meter/meter": panel.revision}, wait=DEADLINE)
    await metered.call("meter", "storm", 2)
    assert news.changed == {"n": {"value": 300}}
    assert await metered.panels({"meter/meter": news.revision}) == ()  # not yet
    (later,) = await metered.panels({"meter/meter": news.revision}, wait=DEADLINE)
    assert later.changed == {"n": {"value": 2}}


async def test_who_waits_is_told_at_once_when_something_changes(metered: Host) -> None:
    (panel,) = await metered.panels()
    waiting = asyncio.ensure_future(metered.panels({"meter/meter": panel.revision}, wait=DEADLINE))
    await asyncio.sleep(0)
    await metered.call("meter", "update", {"n": 7})
    (news,) = await waiting
    assert news.changed == {"n": {"value": 7}}


async def test_a_wait_for_nothing_ends(metered: Host) -> None:
    (panel,) = await metered.panels()
    assert await metered.panels({"meter/meter": panel.revision}, wait=0.01) == ()


async def test_a_panel_that_is_not_there_is_said_to_be_gone(metered: Host) -> None:
    gone = await metered.panels({"meter/other": 0, "nobody/panel": 5})
    assert [(each.module, each.panel, each.gone) for each in gone] == [
        ("meter", "other", True),
        ("nobody", "panel", True),
    ]


async def test_a_row_gets_other_widgets_and_the_old_ones_answer_no_more(metered: Host) -> None:
    (panel,) = await metered.panels()
    await metered.call("meter", "rebuild", 3)
    (news,) = await metered.panels({"meter/meter": panel.revision}, wait=DEADLINE)
    assert [child.key for child in node(news, "row").children] == ["b1", "b2", "b3"]
    await metered.operate("meter", "meter", "b2", "onClick")
    with pytest.raises(HostError, match="no widget 'go'"):
        await metered.operate("meter", "meter", "go", "onClick")
    assert await metered.call("meter", "heard") == [[2]]


async def test_a_change_that_would_make_too_many_widgets_is_refused_and_changes_nothing(metered: Host) -> None:
    answer = await metered.call("meter", "rebuild", 495)
    assert answer == (None, "panel 'meter' would have 505 widgets, and at most 500 are shown")
    await metered.operate("meter", "meter", "go", "onClick")
    assert await metered.call("meter", "clicks") == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"nowhere": 1}, "panel 'meter' has no widget 'nowhere'"),
        ({"n": [1]}, "n: table of properties expected, got list"),
        ({"n": {"colour": 1}}, "n.colour: a value has id, label, value, unit"),
        ({"n": {"valu": 1}}, "did you mean 'value'?"),
        ({"go": {"text": 5}}, "go.text: string expected, got number"),
        ({"go": {"onClick": 5}}, "go.onClick: function expected, got number"),
        ({"row": 5}, "row: table of properties expected, got number"),
        ({"row": {"children": [{"kind": "button", "id": "typed"}]}}, "two widgets are called 'typed'"),
        ({"row": {"children": {}}, "go": {"text": "x"}}, "go: a widget that is not replaced expected"),
        ("all", "table expected, got string"),
    ],
)
async def test_a_change_that_is_a_mistake_is_raised_where_it_was_made(
    metered: Host, changes: PlainData, said: str
) -> None:
    before = await metered.panels()
    with pytest.raises(ModuleFault) as fault:
        await metered.call("meter", "update", changes)
    assert "bad argument #1 to 'panel:update' (" in str(fault.value)
    assert said in str(fault.value)
    assert await metered.panels() == before


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("5", "(table expected, got number)"),
        ("{}", "id: letters, digits, _ . - expected, at most 80 and a letter first, got nil"),
        ("{ id = '9' }", "id: letters, digits"),
        ("{ id = 'p', colour = 1 }", "colour: a panel has id, title and children"),
        ("{ id = 'p', title = 5 }", "title.text: string expected, got number"),
        ("{ id = 'p', children = 5 }", "children: list expected, got number"),
        ("{ id = 'p', children = { 5 } }", "children[1]: table with a kind expected, got number"),
        ("{ id = 'p', children = { {} } }", "children[1].kind: one of label, value"),
        ("{ id = 'p', children = { { kind = 'buton' } } }", "got 'buton' (did you mean 'button'?)"),
        ("{ id = 'p', children = { { kind = 'label', text = print } } }", "children[1].text is a function"),
        ("{ id = 'p', children = { { kind = 'button', onClick = 1 } } }", "children[1].onClick: function expected"),
        ("{ id = 'p', children = { { kind = 'label', onClick = print } } }", "children[1].onClick: a label has"),
        ("{ id = 'p', children = { { kind = 'label', children = {} } } }", "children[1].children: a label has"),
        ("{ id = 'p', children = { { kind = 'table', rows = { 5 } } } }", "rows[1]: list expected, got number"),
        ("{ id = 'p', children = { { kind = 'table', rows = { { {} } } } } }", "rows[1][1]: string, number or boolean"),
        ("{ id = 'p', children = { { kind = 'plot', values = { 'x' } } } }", "values[1]: number expected, got 'x'"),
        ("{ id = 'p', children = { { kind = 'label', id = 5 } } }", "children[1].id: letters, digits"),
        ("{ id = 'p', children = { { kind = 'label', id = 'a' }, { kind = 'label', id = 'a' } } }", "two widgets are"),
        ("{ id = 'p', children = { first = { kind = 'label' } } }", "children: list expected, got table"),
        ("{ id = 'p', [print] = 1 }", "the panel has a function for a key"),
    ],
)
async def test_a_declaration_that_is_a_mistake_is_raised_and_shows_nothing(
    place: Place, declared: str, said: str
) -> None:
    place.module("m", f"return {{ exports = {{ show = function() return host.ui.panel({declared}) end }} }}")
    async with place.host() as host:
        await host.load("m")
        with pytest.raises(ModuleFault) as fault:
            await host.call("m", "show")
        assert said in str(fault.value)
        assert await host.panels() == ()


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("label(501)", "panel 'p' has more than 500 widgets"),
        ("label(10000)", "panel 'p' has more than 500 widgets"),
        ("rows(300, label(2))", "panel 'p' would have 900 widgets, and at most 500 are shown"),
        ("table(1001)", "in children[1].rows a list has 1,001 entries, and at most 1,000 are shown"),
        ("plot(2001)", "in children[1].values a list has 2,001 entries, and at most 2,000 are shown"),
        ("{ { kind = 'text', text = ('x'):rep(300000) } }", "that has 293 KiB, and at most 256 are taken at once"),
        ("texts(27)", "would have more than 512 KiB of text"),
        ("deep(5000)", "panel 'p' has more than 20 rows and columns inside each other"),
        ("{}, title = ('x'):rep(1e6)", "the panel cannot be shown: that has 976 KiB, and at most 256 are taken"),
    ],
)
async def test_what_is_too_much_to_show_is_refused_in_a_sentence(place: Place, declared: str, said: str) -> None:
    place.module(
        "m",
        f"""
local function many(n, make) local list = {{}} for i = 1, n do list[i] = make(i) end return list end
local function label(n) return many(n, function() return {{ kind = "label" }} end) end
local function rows(n, inner) return many(n, function() return {{ kind = "row", children = inner }} end) end
local function table(n)
    return {{ {{ kind = "table", rows = many(n, function(i) return {{ i }} end) }} }}
end
local function plot(n) return {{ {{ kind = "plot", values = many(n, function(i) return i end) }} }} end
local function deep(n)
    local list = label(1)
    for i = 1, n do list = {{ {{ kind = "column", children = list }} }} end
    return list
end
local function texts(n)
    local children = many(n, function(i) return {{ kind = "text", id = "t" .. i }} end)
    local panel = assert(host.ui.panel {{ id = "p", children = children }})
    for i = 1, n do
        local ok, why = panel:update {{ ["t" .. i] = ("x"):rep(20000) }}
        if not ok then error({{ message = why }}) end
    end
end
local function show() return select(2, host.ui.panel {{ id = "p", children = {declared} }}) end
return {{ exports = {{ show = show }} }}
""",
    )
    async with place.host() as host:
        await host.load("m")
        try:
            why = await host.call("m", "show")
        except ModuleFault as fault:
            why = str(fault)
        assert isinstance(why, str)
        assert said in why


@pytest.mark.parametrize("tree", ["deep(21)", "deep(40)", "deep(50)", "deep(60)", "cycle()"])
async def test_a_tree_without_end_is_refused(place: Place, tree: str) -> None:
    place.module(
        "m",
        f"""
local function deep(n) return n == 0 and {{}} or {{ {{ kind = "row", children = deep(n - 1) }} }} end
local function cycle() local list = {{}} list[1] = {{ kind = "row", children = list }} return list end
local function show() return select(2, host.ui.panel {{ id = "p", children = {tree} }}) end
return {{ exports = {{ show = show }} }}
""",
    )
    async with place.host() as host:
        await host.load("m")
        assert await host.call("m", "show") == "panel 'p' has more than 20 rows and columns inside each other"
        assert await host.panels() == ()


async def test_texts_are_shown_as_they_are_cut_and_without_control_characters(place: Place) -> None:
    place.module(
        "m",
        r"""
host.ui.panel { id = "p", title = "<b>\27[31mt\nwo", children = {
    { kind = "label", id = "long", text = ("x"):rep(5000) },
    { kind = "text", id = "text", text = "one\r\ntwo\tthree\0" },
    { kind = "label", id = "bytes", text = "\255" },
    { kind = "value", id = "nan", value = 0/0 },
    { kind = "plot", id = "plot", values = { 1, 1/0, 2 } },
} }
return {}
""",
    )
    async with place.host() as host:
        await host.load("m")
        (panel,) = await host.panels()
        assert panel.whole is not None
        assert panel.whole.title == "<b> [31mt wo"
        assert node(panel, "long").properties["text"] == "x" * 1000
        assert node(panel, "text").properties["text"] == "one\ntwo    three"
        assert node(panel, "bytes").properties["text"] == "\ufffd"
        assert node(panel, "nan").properties["value"] == "nan"
        assert node(panel, "plot").properties["values"] == [1, None, 2]


async def test_a_handler_that_fails_is_a_fault_of_the_module_and_the_next_click_works(metered: Host) -> None:
    with pytest.raises(ModuleFault, match=r"onClick in panel meter: .*it failed"):
        await metered.operate("meter", "meter", "bad", "onClick")
    assert metered.snapshot().modules["meter"].faults == 1
    assert any("it failed" in problem.message for problem in metered.snapshot().problems)
    await metered.operate("meter", "meter", "go", "onClick")
    assert await metered.call("meter", "clicks") == 1


async def test_a_handler_without_end_is_ended(metered: Host) -> None:
    with pytest.raises(DeadlineExceeded):
        await metered.operate("meter", "meter", "loop", "onClick")


async def test_changes_without_end_are_ended_and_the_panel_stands(metered: Host) -> None:
    (panel,) = await metered.panels()
    with pytest.raises(DeadlineExceeded):
        await metered.call("meter", "storm", 1e9)
    (news,) = await metered.panels({"meter/meter": panel.revision}, wait=DEADLINE)
    assert news.whole is not None or news.changed["n"]["value"] > 0
    await metered.operate("meter", "meter", "go", "onClick")


async def test_a_handler_may_take_its_own_panel_away(metered: Host) -> None:
    await metered.operate("meter", "meter", "away", "onClick")
    assert await metered.panels() == ()
    assert metered.snapshot().modules["meter"].panels == ()
    assert await metered.call("meter", "update", {"n": 1}) == (None, "the panel is closed")
    assert await metered.call("meter", "value", "n") == (None, "the panel is closed")
    assert await metered.call("meter", "close") is False
    with pytest.raises(HostError, match="there is no panel 'meter' any more"):
        await metered.operate("meter", "meter", "go", "onClick")


async def test_panels_go_with_their_module(metered: Host) -> None:
    (panel,) = await metered.panels()
    waiting = asyncio.ensure_future(metered.panels({"meter/meter": panel.revision}, wait=DEADLINE))
    await asyncio.sleep(0)
    await metered.unload("meter")
    (news,) = await waiting
    assert news.gone
    assert await metered.panels() == ()


async def test_two_panels_of_one_id_and_more_than_sixteen_are_refused(place: Place) -> None:
    place.module(
        "m",
        """
local function show(id) local panel, why = host.ui.panel { id = id } return why end
return { exports = { show = show, many = function() for i = 1, 16 do show("p" .. i) end return show("q") end } }
""",
    )
    async with place.host() as host:
        await host.load("m")
        assert await host.call("m", "show", "p1") is None
        assert await host.call("m", "show", "p1") == "panel 'p1' is there already; close that first, or update it"
        assert await host.call("m", "many") == "panel 'q' is one too many: a module has at most 16"


async def test_a_quarantined_module_is_not_told(place: Place) -> None:
    place.module("meter", METER)
    async with place.host(quarantine=(1, 10.0)) as host:
        await host.load("meter")
        with pytest.raises(ModuleFault):
            await host.operate("meter", "meter", "bad", "onClick")
        with pytest.raises(HostError, match="meter is quarantined, and its panels rest"):
            await host.operate("meter", "meter", "go", "onClick")
        await host.resume("meter")
        await host.operate("meter", "meter", "go", "onClick")
        assert await host.call("meter", "clicks") == 1


# -- swaps -------------------------------------------------------------------------------------------------------------


async def test_after_a_swap_the_new_version_shows_and_answers(place: Place, metered: Host) -> None:
    (panel,) = await metered.panels()
    place.module("meter", METER.replace("Clicks", "Presses"), "2.0.0", folder="two")
    await metered.rescan()
    await metered.swap("meter", "2.0.0")
    (news,) = await metered.panels({"meter/meter": panel.revision})
    assert node(news, "n").properties["label"] == "Presses"
    assert news.revision > panel.revision
    await metered.operate("meter", "meter", "go", "onClick")
    assert await metered.call("meter", "clicks") == 1


async def test_what_was_typed_is_there_after_a_swap_and_the_new_version_is_told(place: Place, metered: Host) -> None:
    place.module("meter", METER, "2.0.0", folder="two")
    await metered.rescan()
    await metered.operate("meter", "meter", "typed", "onChange", "half a sen")
    await metered.swap("meter", "2.0.0")
    assert await shown(metered, "typed") == "half a sen"
    assert await metered.call("meter", "heard") == [["change", "half a sen"]]
    await metered.rollback("meter")
    assert await shown(metered, "typed") == "half a sen"


async def test_what_was_submitted_or_changed_by_the_module_is_not_handed_on(metered: Host) -> None:
    await metered.operate("meter", "meter", "typed", "onChange", "a")
    await metered.operate("meter", "meter", "typed", "onSubmit", "a")
    await metered.reload("meter")
    assert await shown(metered, "typed") is None
    await metered.operate("meter", "meter", "typed", "onChange", "b")
    await metered.call("meter", "update", {"typed": "c"})
    await metered.reload("meter")
    assert await shown(metered, "typed") is None


async def test_a_refused_swap_leaves_the_panel_and_what_was_typed(place: Place, metered: Host) -> None:
    await metered.operate("meter", "meter", "typed", "onChange", "mine")
    before = await metered.panels()
    place.module(
        "meter", METER.replace("return M\n", "function M:validate() return false end return M"), "2", folder="x"
    )
    await metered.rescan()
    with pytest.raises(SwapFailed):
        await metered.swap("meter", "2")
    assert await metered.panels() == before
    await metered.operate("meter", "meter", "go", "onClick")
    assert await metered.call("meter", "clicks") == 1


async def test_what_is_rehearsed_shows_nothing(place: Place, metered: Host) -> None:
    before = await metered.panels()
    place.module("meter", METER.replace('"Meter"', '"Rehearsed"'), "2", folder="x")
    await metered.rescan()
    assert (await metered.rehearse("meter", "2")).error == ""
    assert await metered.panels() == before


async def test_a_version_that_shows_no_panel_takes_the_old_one_away(place: Place, metered: Host) -> None:
    (panel,) = await metered.panels()
    place.module("meter", "return {}", "2.0.0", folder="two")
    await metered.rescan()
    await metered.swap("meter", "2.0.0")
    (news,) = await metered.panels({"meter/meter": panel.revision})
    assert news.gone


async def test_a_panel_that_its_module_closes_and_opens_again_is_empty(place: Place) -> None:
    place.module(
        "form",
        """
        local panel
        local M = { exports = {} }
        local function open()
            panel = assert(host.ui.panel { id = "p", children = { { kind = "field", id = "f" } } })
        end
        M.init = open
        function M.exports.reopen() panel:close() open() end
        return M
        """,
    )
    async with place.host() as host:
        await host.load("form")
        await host.operate("form", "p", "f", "onChange", "typed")
        await host.reload("form")
        (panel,) = await host.panels()
        assert panel.whole is not None
        assert panel.whole.children[0].properties["value"] == "typed"
        await host.call("form", "reopen")
        (panel,) = await host.panels()
        assert panel.whole is not None
        assert panel.whole.children[0].properties.get("value", "") == ""
