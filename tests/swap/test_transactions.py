"""Several modules that change together: all or none, and nobody sees one new and one old."""

from __future__ import annotations

import asyncio
import gc

import pytest

from host import Host, SwapFailed
from host.lifecycle.instance import Instance
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome, Status
from tests.engine.place import Place, kinds, lines

STORE = """local M = {n = 0, heard = {}}
M.hooks = {say = function(word) M.heard[#M.heard + 1] = word end}
M.exports = {
    edition = function() return EDITION end,
    add = function(k) M.n = M.n + k end,
    each = function(f) return f("called back by EDITION") end,
}
function M:init() INIT end
function M:pause() PAUSE end
function M:resume() RESUME end
function M:getState() SNAPSHOT return {n = self.n, heard = self.heard} end
function M:setState(state) self.n, self.heard = state.n, state.heard end
function M:validate() VALIDATE end
function M:cleanup() CLEANUP end
ENTRY
return M"""
NEEDS = '[dependencies]\nstore = "*"\n'
AT_ONCE = '[swap]\nprobation = "0 s"\n'
ASKING = """local store, desk = require("store"), require("desk")
return {hooks = {ask = function() print(pcall(store.edition)) print(pcall(desk.edition)) end}}"""


def store(edition: int, **parts: str) -> str:
    text = STORE.replace("EDITION", str(edition))
    for part in ("init", "pause", "resume", "snapshot", "validate", "cleanup", "entry"):
        text = text.replace(part.upper(), parts.get(part, ""))
    return text


def placed(place: Place, *, old: dict[str, str] | None = None, new: dict[str, str] | None = None) -> None:
    """``desk``, which needs ``store``, each in two versions; Lua put into parts of either version of ``desk``."""
    place.module("store", store(1), "1.0.0", folder="1", more=AT_ONCE)
    place.module("store", store(2), "2.0.0", folder="2", more=AT_ONCE)
    for edition, parts in ((1, old or {}), (2, new or {})):
        text = "local store = require('store')\n" + store(edition, **parts)
        place.module("desk", text, f"{edition}.0.0", folder=str(edition), more=AT_ONCE + NEEDS)


BOTH = {"desk": "2.0.0", "store": "2.0.0"}


async def begun(host: Host) -> None:
    await host.load_all({"store": "==1.0.0", "desk": "==1.0.0"})
    await host.emit("say", "before")


async def editions(host: Host) -> list[object]:
    return [await host.call(name, "edition") for name in ("store", "desk")]


async def test_the_history_says_who_changed_or_went_back_together(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        await begun(host)
        await host.swap(BOTH)
        await host.rollback("store")
        with pytest.raises(SwapFailed):
            await host.swap({"store": "2.0.0", "desk": "==9"})
        for name, other in (("store", "desk"), ("desk", "store")):
            rows = await host.history(name)
            told = [(row.kind, row.outcome.value, row.others) for row in rows]
            assert told == [
                ("swap", "rolled_back", (other,)),
                ("rollback", "committed", (other,)),
                ("swap", "committed", (other,)),
                ("load", "committed", ()),
            ]


async def test_what_changes_together_sees_one_another_from_init_on(place: Place) -> None:
    placed(place, new={"init": "print(store.edition())", "validate": "print(store.edition())"})
    async with place.host() as host:
        await begun(host)
        await host.swap(BOTH)
        assert lines(host.chronicle, "desk") == ["2", "2"]
        assert await editions(host) == [2, 2]


async def test_what_is_needed_has_its_state_when_its_dependent_begins(place: Place) -> None:
    placed(place, old={"init": "store.add(3)"}, new={"init": "store.add(4)"})
    async with place.host() as host:
        await begun(host)
        await host.swap(BOTH)
        assert await host.state("store") == {"n": 7, "heard": ["before"]}


async def test_what_a_new_one_changes_in_another_new_one_goes_with_both(place: Place) -> None:
    placed(place, new={"init": "store.add(4)", "validate": "return false, 'no'"})
    async with place.host() as host:
        await begun(host)
        with pytest.raises(SwapFailed):
            await host.swap(BOTH)
        assert await host.state("store") == {"n": 0, "heard": ["before"]}
        assert await editions(host) == [1, 1]


async def test_a_function_that_a_new_one_hands_another_is_called_back(place: Place) -> None:
    placed(place, new={"init": "store.each(print)"})
    async with place.host() as host:
        await begun(host)
        await host.swap(BOTH)
        assert lines(host.chronicle, "desk") == ["called back by 2"]


async def test_a_function_handed_over_in_init_is_called_back_at_a_load(place: Place) -> None:
    """It was said to have gone long ago."""
    placed(place, new={"init": "store.each(print)"})
    async with place.host() as host:
        await host.load_all({"store": "==1.0.0", "desk": "==2.0.0"})
        assert lines(host.chronicle, "desk") == ["called back by 1"]


async def test_an_entry_file_cannot_call_what_changes_with_it(place: Place) -> None:
    """It would see the old one, and then live with the new one."""
    placed(place, new={"entry": "print(store.edition())"})
    async with place.host() as host:
        await begun(host)
        with pytest.raises(SwapFailed, match="has not begun; call it from init on") as refusal:
            await host.swap(BOTH)
        assert (refusal.value.report.module, refusal.value.report.failed_step) == ("desk", "prepare")
        assert await editions(host) == [1, 1]


async def test_others_see_neither_while_it_is_under_way_and_both_afterwards(place: Place) -> None:
    placed(place, new={"init": 'host.filter("ask", 0)'})
    place.module("asking", ASKING, more=NEEDS + 'desk = "*"\n')
    async with place.host() as host:
        await begun(host)
        await host.load("asking")
        await host.swap(BOTH)
        said = lines(host.chronicle, "asking")
        assert [line.startswith("false") and "is being swapped" in line for line in said] == [True, True]
        await host.emit("ask")
        assert lines(host.chronicle, "asking")[2:] == ["true 2", "true 2"]


@pytest.mark.parametrize("member", ["resume", "cleanup"])
async def test_whoever_asks_as_they_take_over_sees_both_new(place: Place, member: str) -> None:
    old, new = ({"cleanup": 'host.emit("ask")'}, {}) if member == "cleanup" else ({}, {"resume": 'host.emit("ask")'})
    placed(place, old=old, new=new)
    place.module("asking", ASKING, more=NEEDS + 'desk = "*"\n')
    async with place.host() as host:
        await begun(host)
        await host.load("asking")
        await host.swap(BOTH)
        assert lines(host.chronicle, "asking") == ["true 2", "true 2"]


@pytest.mark.parametrize("member", ["pause", "snapshot"])
async def test_a_dependent_may_call_what_it_needs_until_its_state_is_taken(place: Place, member: str) -> None:
    placed(place, old={member: "store.add(5)"})
    async with place.host() as host:
        await begun(host)
        await host.swap(BOTH)
        assert (await host.state("store"))["n"] == 5


async def test_events_wait_in_one_order_for_all(place: Place) -> None:
    order = "host.emit('heard', self.name .. ' ' .. word)"
    placed(place, new={"init": 'host.emit("say", "a") host.emit("say", "b")', "validate": 'host.emit("say", "c")'})
    for name in ("store", "desk"):
        path = place.root / "plugins" / name / "2" / "init.lua"
        path.write_text(path.read_text().replace("M.heard[#M.heard + 1] = word", f"local self = M {order}"))
    place.module("ear", "return {hooks = {heard = function(text) print(text) end}}")
    async with place.host() as host:
        await begun(host)
        await host.load("ear")
        report = await host.swap(BOTH)
        assert lines(host.chronicle, "ear") == [f"{name} {word}" for word in "abc" for name in ("store", "desk")]
        assert [each.delivered for each in (report, *report.others)] == [3, 3]


async def test_an_event_that_only_the_new_ones_answer_reaches_them_from_the_commit_on(place: Place) -> None:
    placed(place, new={"resume": 'host.emit("late", "word")'})
    path = place.root / "plugins" / "store" / "2" / "init.lua"
    path.write_text(path.read_text().replace("M.hooks = {", "M.hooks = {late = function(word) print(word) end, "))
    async with place.host() as host:
        await begun(host)
        await host.swap(BOTH)
        assert lines(host.chronicle, "store") == ["word"]


FAILING = {
    "prepare": {"entry": 'error("broken")'},
    "init": {"init": 'error("broken")'},
    "validate": {"validate": 'return false, "broken"'},
}


@pytest.mark.parametrize("step", FAILING)
async def test_a_failure_of_one_leaves_all_as_they_were(place: Place, step: str) -> None:
    placed(place, old={"pause": 'print("paused")', "resume": 'print("resumed")'}, new=FAILING[step])
    async with place.host() as host:
        await begun(host)
        before = dict(host.parts.roster.active)
        with pytest.raises(SwapFailed, match="broken") as refusal:
            await host.swap(BOTH)
        report = refusal.value.report
        (beside,) = report.others
        assert [report.module, beside.module] == ["desk", "store"]
        assert {report.failed_step, beside.failed_step} == {step}
        assert "broken" in beside.error
        assert beside.error.startswith("desk 2.0.0, which goes with it, was refused: ")
        assert str(refusal.value).endswith("; desk 1.0.0, store 1.0.0 run on with their states")
        assert dict(host.parts.roster.active) == before
        assert lines(host.chronicle, "desk") == ([] if step == "prepare" else ["paused", "resumed"])
        for name in BOTH:
            assert await host.state(name) == {"n": 0, "heard": ["before"]}
            (row, *_) = await host.history(name)
            assert (row.outcome, row.to_version) == (Outcome.ROLLED_BACK, "2.0.0")
        assert kinds(host.chronicle)[-2:] == [EventKind.SWAP_ROLLED_BACK] * 2
        assert (await host.emit("say", "after")).delivered == 2
        del refusal
        gc.collect()
        living = [each for each in gc.get_objects() if isinstance(each, Instance)]
        assert [each.status for each in living] == [Status.ACTIVE] * 2


async def test_each_module_has_its_own_report_and_history_and_all_one_way_back(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        await begun(host)
        report = await host.swap(BOTH)
        (beside,) = report.others
        assert (report.module, beside.module) == ("desk", "store")
        assert [step.name for step in report.steps] == [step.name for step in beside.steps]
        assert report.pause_s == beside.pause_s > 0
        assert (report.kept, beside.kept) == (("heard", "n"), ("heard", "n"))
        assert kinds(host.chronicle)[-2:] == [EventKind.SWAP_COMMITTED] * 2
        for name in BOTH:
            assert (await host.history(name))[0].to_version == "2.0.0"
        await host.rollback("desk")
        assert await editions(host) == [1, 1]


async def test_old_ones_go_before_what_they_need(place: Place) -> None:
    placed(place, old={"cleanup": 'print("desk went")'})
    path = place.root / "plugins" / "store" / "1" / "init.lua"
    path.write_text(path.read_text().replace("M:cleanup() ", 'M:cleanup() print("store went") '))
    async with place.host() as host:
        await begun(host)
        await host.swap(BOTH)
        assert lines(host.chronicle) == ["desk went", "store went"]


async def test_python_callers_wait_for_the_swap_and_are_answered_by_one_side(place: Place) -> None:
    busy = "local t = 0 for i = 1, 2e5 do t = t + i end"
    placed(place, new={"init": busy})
    shown = 'M.hooks.shown = function(text) return text .. " EDITION" end'
    for edition in ("1", "2"):
        path = place.root / "plugins" / "store" / edition / "init.lua"
        path.write_text(path.read_text().replace("return M", shown.replace("EDITION", edition) + " return M"))
    async with place.host() as host:
        await begun(host)
        seen = []

        async def ask() -> None:
            while True:
                seen.append((*await editions(host), await host.filter("shown", "text")))
                await asyncio.sleep(0)

        asking = asyncio.create_task(ask())
        await host.swap(BOTH)
        await host.swap({"desk": "1.0.0", "store": "1.0.0"})
        asking.cancel()
        assert set(seen) <= {(1, 1, "text 1"), (2, 2, "text 2")}
        assert len(set(seen)) == 2
