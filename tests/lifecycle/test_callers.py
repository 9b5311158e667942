"""In whose name a core module acts: the module whose Lua called it, through whatever lies between."""

from __future__ import annotations

import pytest

from tests.engine.place import Place, until_logged

NATIVE = """
def functions(folder, gate):
    def who(caller):
        return f"{caller.name} {caller.version}"

    def look(caller):
        gate.check(caller, "env", "HOME")
        return True

    return {"who": who, "look": look}
"""
DESK = """
local M = { hooks = {}, exports = {} }
function M.exports.who() return host.native.who() end
function M.exports.look() return host.native.look() end
function M.exports.with(f) return f() end
function M.exports.handed() return function() return host.native.who() end end
M.hooks.onAsked = function() said = host.native.who() end
M.hooks.onFiltered = function() return host.native.who() end
function M.exports.said() return said end
function M:init() at_init = host.native.who() end
function M.exports.at_init() return at_init end
function M.exports.later() host.after(0, function() host.emit("onSaid", host.native.who()) end) end
return M
"""
THROUGH = """
local desk = require("{name}")
return {{ exports = {{
    who = function() return desk.who() end,
    look = function() return desk.look() end,
    handed = function() return desk.handed()() end,
    from_within = function() return desk.with(function() return desk.who() end) end,
    asked = function() host.emit("onAsked") return desk.said() end,
    filtered = function() return host.filter("onFiltered", "nobody") end,
    later = function() desk.later() end,
    looked = function() local ok, why = desk.look() return ok, why end,
}} }}
"""
EAR = "return { hooks = { onSaid = function(who) print(who) end } }"


@pytest.fixture
def desk(place: Place) -> Place:
    (place.module("desk", DESK, tier="core") / "native.py").write_text(NATIVE)
    place.module("plain", THROUGH.format(name="desk"), more='[dependencies]\ndesk = "*"\n')
    return place


async def test_it_is_the_module_that_calls(desk: Place) -> None:
    async with desk.host() as host:
        await host.load("plain")
        for function in ("who", "handed", "from_within", "asked", "filtered"):
            assert await host.call("plain", function) == "plain 1.0.0", function


async def test_a_core_module_that_nobody_asked_acts_in_its_own_name(desk: Place) -> None:
    desk.module("ear", EAR)
    async with desk.host() as host:
        await host.load("plain")
        await host.load("ear")
        assert await host.call("desk", "who") == "desk 1.0.0"
        assert await host.call("desk", "at_init") == "desk 1.0.0"
        await host.call("plain", "later")
        await until_logged(host.chronicle, "desk 1.0.0")


async def test_core_modules_between_ask_in_the_name_of_whoever_asked_them(desk: Place) -> None:
    desk.module("middle", THROUGH.format(name="desk"), tier="core", more='[dependencies]\ndesk = "*"\n')
    desk.module("far", THROUGH.format(name="middle"), more='[dependencies]\nmiddle = "*"\n')
    async with desk.host() as host:
        await host.load("far")
        assert await host.call("far", "who") == "far 1.0.0"
        assert await host.call("middle", "who") == "middle 1.0.0"


async def test_a_module_between_that_is_not_core_asks_in_its_own_name(desk: Place) -> None:
    desk.module("far", THROUGH.format(name="plain"), more='[dependencies]\nplain = "*"\n')
    async with desk.host() as host:
        await host.load("far")
        assert await host.call("far", "who") == "plain 1.0.0"


async def test_what_a_dependency_may_do_its_dependents_may_not(desk: Place) -> None:
    desk.module("far", THROUGH.format(name="desk"), more='[dependencies]\ndesk = "*"\n[permissions]\nenv = ["HOME"]\n')
    async with desk.host() as host:
        await host.load("far")
        await host.load("plain")
        ok, why = await host.call("far", "looked")
        assert ok is None
        assert why == ("permission denied: far may not use env for 'HOME'; allow it with: theseus grant far --env HOME")
        ok, why = await host.call("plain", "looked")
        assert (ok, "its manifest does not ask for it" in why) == (None, True)
        problems = {each.module: each for each in host.snapshot().problems if each.id.startswith("denied:")}
        assert problems["plain"].message == why
        assert (problems["far"].action, problems["plain"].action) == ("grant", "")


async def test_a_fault_on_the_way_leaves_the_name_as_it_was(desk: Place) -> None:
    desk.module(
        "angry",
        'local desk = require("desk") return { exports = { go = function() '
        'pcall(desk.with, function() error("no") end) return desk.who() end } }',
        more='[dependencies]\ndesk = "*"\n',
    )
    async with desk.host() as host:
        await host.load("angry")
        assert await host.call("angry", "go") == "angry 1.0.0"
        assert await host.call("desk", "who") == "desk 1.0.0"


async def test_an_event_that_waited_for_a_swap_is_answered_in_the_name_of_whoever_emitted_it(desk: Place) -> None:
    """A module that is swapped together with the desk emits while both are paused."""
    emits = 'return { pause = function() host.emit("onAsked") end }'
    for version in ("1.0.0", "2.0.0"):
        desk.module("teller", emits, version, more='[dependencies]\ndesk = "*"\n', folder=version)
    (desk.module("desk", DESK, "2.0.0", tier="core", folder="2") / "native.py").write_text(NATIVE)
    async with desk.host() as host:
        await host.load("desk", "==1.0.0")
        await host.load("teller", "==1.0.0")
        report = await host.swap({"desk": "2.0.0", "teller": "2.0.0"})
        assert sum(each.delivered for each in (report, *report.others)) == 1
        assert await host.call("desk", "said") == "teller 1.0.0"


async def test_an_isolated_module_is_known_by_its_name_and_bound_as_any_other(desk: Place) -> None:
    isolated = 'isolation = "process"\n[dependencies]\ndesk = "*"\n[permissions]\nenv = ["HOME"]\n'
    desk.module("far", THROUGH.format(name="desk"), more=isolated)
    async with desk.host() as host:
        await host.load("far")
        for function in ("who", "handed", "from_within", "asked", "filtered"):
            assert await host.call("far", function) == "far 1.0.0", function
        nothing, why = await host.call("far", "looked")
        assert (nothing, "theseus grant far --env HOME" in why) == (None, True)
        await host.grant("far")
        assert await host.call("far", "look") is True
        await host.revoke("far", {"modules": ["emit:onAsked"]})
        before = len(await host.audit("far"))
        await host.call("far", "asked")
        (row,) = (await host.audit("far"))[: len(await host.audit("far")) - before]
        assert (row.wanted, row.verdict) == ("emit:onAsked", "denied")
