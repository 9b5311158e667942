"""Any change can be taken back: to any act that is kept, also after the engine was started again."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from msgspec.structs import replace

from host import Host, HostError
from host.vocabulary.errors import NothingToRollBack, PointUnknown
from host.vocabulary.states import Outcome
from tests.engine.place import Place

COUNTING = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
M.exports = {n = function() return M.n end, edition = function() return EDITION end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""


def edition(number: int) -> str:
    return COUNTING.replace("EDITION", str(number))


async def save(place: Place, host: Host, number: int) -> None:
    place.module("chat", edition(number))
    await host.reload("chat")


async def acts(host: Host) -> list[tuple[str, int]]:
    return [(row.kind, row.id) for row in reversed(await host.history("chat"))]


async def run_editions(place: Place, host: Host, last: int) -> list[int]:
    """Load the first edition, which lies there, and save the others; the ids of these acts."""
    await host.load("chat")
    for number in range(2, last + 1):
        await host.emit("add", 1)
        await save(place, host, number)
    return [row_id for _, row_id in await acts(host)]


async def test_any_point_of_the_history_can_be_gone_back_to_and_forth_from(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        ids = await run_editions(place, host, 4)
        for number in (2, 4, 1, 3):
            report = await host.rollback("chat", to=ids[number - 1])
            assert report.outcome is Outcome.COMMITTED
            assert await host.call("chat", "edition") == number
            assert await host.call("chat", "n") == 3, "with the newest state, as any roll-back"


async def test_after_a_roll_back_a_module_stands_where_that_point_stood(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        ids = await run_editions(place, host, 4)
        await host.rollback("chat", to=ids[2])
        for number in (2, 1):
            await host.rollback("chat")
            assert await host.call("chat", "edition") == number
        with pytest.raises(NothingToRollBack):
            await host.rollback("chat")


async def test_roll_backs_outlive_the_engine_though_the_files_hold_other_code(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        await run_editions(place, host, 3)
    async with place.host(restore=True) as host:
        assert host.snapshot().modules["chat"].rollback_to.startswith("1.0.0 of ")
        await host.rollback("chat")
        assert (await host.call("chat", "edition"), await host.call("chat", "n")) == (2, 2)
    async with place.host() as host:
        await host.load("chat")  # what lies on disk, which is the third again
        assert await host.call("chat", "edition") == 3
        await host.rollback("chat")
        assert await host.call("chat", "edition") == 2


async def test_what_was_rolled_back_stays_so_at_the_next_start_until_the_next_save(place: Place) -> None:
    """The save that the user had taken back was there again."""
    place.module("chat", edition(1))
    async with place.host() as host:
        await run_editions(place, host, 2)
        await host.rollback("chat")
    async with place.host(restore=True) as host:
        assert (await host.call("chat", "edition"), await host.call("chat", "n")) == (1, 1)
        assert "rolled back, and a newer save lies on disk" in host.snapshot().modules["chat"].truth
        await host.rescan()
        assert await host.call("chat", "edition") == 1
        place.module("chat", edition(3))
        await host.rescan()
        assert await host.call("chat", "edition") == 3
    async with place.host(restore=True) as host:
        assert await host.call("chat", "edition") == 3


async def test_a_file_that_was_changed_back_while_no_engine_ran_is_what_comes_up(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        await run_editions(place, host, 2)
    place.module("chat", edition(1))
    async with place.host(restore=True) as host:
        assert await host.call("chat", "edition") == 1
        await host.rollback("chat")
        assert await host.call("chat", "edition") == 2


async def test_a_version_comes_back_whose_folder_is_gone_since(place: Place) -> None:
    place.module("chat", edition(1), folder="1")
    place.module("chat", edition(2), "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.swap("chat", "2.0.0")
    shutil.rmtree(place.root / "plugins/chat/1")
    async with place.host(restore=True) as host:
        await host.rollback("chat")
        assert (host.snapshot().modules["chat"].version, await host.call("chat", "edition")) == ("1.0.0", 1)


async def test_a_file_that_was_changed_while_no_engine_ran_is_a_change_that_can_be_taken_back(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        await run_editions(place, host, 1)
    place.module("chat", edition(2))
    async with place.host(restore=True) as host:
        assert await host.call("chat", "edition") == 2
        await host.rollback("chat")
        assert await host.call("chat", "edition") == 1


async def test_a_version_that_does_not_take_the_newest_state_has_the_last_of_its_own_after_a_restart(
    place: Place,
) -> None:
    place.module("chat", edition(1), folder="1")
    other = edition(2).replace("return {n = self.n}", "return {other = true}").replace("self.n = state.n", "")
    place.module("chat", other, "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.emit("add", 7)
        await host.swap("chat", "2.0.0")
    async with place.host(restore=True) as host:
        report = await host.rollback("chat")
        assert await host.call("chat", "n") == 7
        assert "it goes on with the state it had before the swap" in report.notes[0]


async def test_a_reload_of_the_same_code_and_a_restart_are_no_changes_to_take_back(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        await run_editions(place, host, 2)
        await host.reload("chat")
        await host.unload("chat")
        await host.load("chat")
        await host.rollback("chat")
        assert await host.call("chat", "edition") == 1


async def test_where_there_is_nothing_to_come_back_the_reason_is_said_and_what_runs_goes_on(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        ids = await run_editions(place, host, 2)
        place.module("chat", "return {")
        with pytest.raises(HostError):
            await host.reload("chat")
        await host.unload("chat")
        place.module("chat", edition(2))
        await host.load("chat")
        refused, unloaded = ids[-1] + 1, ids[-1] + 2
        for to, why in {
            refused: "that reload was taken back",
            unloaded: "nothing ran after that unload",
            999: f"its history has {unloaded + 1}, {ids[1]}, {ids[0]} to choose from",
        }.items():
            with pytest.raises(PointUnknown, match=why):
                await host.rollback("chat", to=to)
        with pytest.raises(HostError, match="nothing was changed"):
            await host.rollback("chat", to=ids[1])
        assert await host.call("chat", "edition") == 2


async def test_code_that_did_not_fit_comes_back_from_disk_where_it_lies_there_unchanged(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host.storage.history.LARGEST_CODE", 0)
    place.module("chat", edition(1), folder="1")
    place.module("chat", edition(2), "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.swap("chat", "2.0.0")
        (_, first) = await host.history("chat")
        assert first.reachable
        (place.root / "plugins/chat/1/init.lua").write_text(edition(9))
        with pytest.raises(PointUnknown, match=r"the code of 1\.0\.0 as it was then is no longer kept, nor on disk"):
            await host.rollback("chat")
        (place.root / "plugins/chat/1/init.lua").write_text(edition(1))
        await host.rollback("chat")
        assert await host.call("chat", "edition") == 1


async def test_the_history_says_what_can_come_back(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        await run_editions(place, host, 3)
        await host.rollback("chat")
        await host.unload("chat")
        rows = await host.history("chat")
    assert [(row.kind, row.reachable) for row in rows] == [
        ("unload", False),
        ("rollback", False),
        ("reload", True),
        ("reload", False),
        ("load", True),
    ]


async def test_a_fresh_load_keeps_the_state_that_it_did_not_take(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        (first,) = await run_editions(place, host, 1)
        await host.emit("add", 5)
        await host.unload("chat")
        await host.load("chat", fresh=True)
        assert await host.call("chat", "n") == 0
        assert changes(await host.compare("chat", first)) == [("state.n", "5", "0")]


async def test_a_fresh_load_stays_fresh_though_the_engine_dies_before_the_next_checkpoint(place: Place) -> None:
    """The checkpoint that was not wanted was still there."""
    place.module("chat", edition(1))
    async with place.host() as host:
        await run_editions(place, host, 1)
        await host.emit("add", 5)
        await host.unload("chat")
        await host.load("chat", fresh=True)
        assert await host.parts.keeping.checkpoints.of(frozenset({"chat"})) == {}
        await host.emit("add", 5)
    async with place.host(restore=True) as host:
        assert await host.call("chat", "n") == 5, "the same state as once before is kept again"


async def test_a_fresh_load_that_fails_leaves_the_checkpoints_as_they_were(place: Place) -> None:
    """What came up before the failure was taken back with its fresh state, which took the checkpoint's place."""
    place.module("top", 'error("no")', more='[dependencies]\nchat = "*"\n')
    place.module("chat", edition(1))
    async with place.host() as host:
        await run_editions(place, host, 1)
        await host.emit("add", 5)
        await host.unload("chat")
        with pytest.raises(HostError):
            await host.load("top", fresh=True)
        await host.load("chat")
        assert await host.call("chat", "n") == 5


def changes(comparison: Any) -> list[tuple[str, str, str]]:
    return [(each.path, each.before, each.after) for each in comparison.differences]


async def test_two_points_are_compared_by_files_and_last_states(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        ids = await run_editions(place, host, 3)
        await host.emit("add", 10)
        found = await host.compare("chat", ids[0], ids[1])
        assert (found.files, changes(found), found.message) == (("init.lua",), [("state.n", "1", "2")], "")
        now = await host.compare("chat", ids[0])
        assert (now.later, changes(now)) == (None, [("state.n", "1", "12")])
        assert changes(await host.compare("chat", ids[2], ids[0])) == [("state.n", "12", "1")]
        await host.unload("chat")
        assert changes(await host.compare("chat", ids[0])) == [("state.n", "1", "12")], "what it went with"


async def test_a_point_without_a_state_is_compared_by_its_files(place: Place) -> None:
    place.module("chat", "return {}")
    async with place.host() as host:
        await host.load("chat")
        ((_, first),) = await acts(host)
        place.module("chat", edition(1))
        await host.reload("chat")
        found = await host.compare("chat", first)
        assert (found.files, found.differences) == (("init.lua",), ())
        assert found.message == f"no state of {first} is kept"


async def test_what_never_ran_is_not_compared(place: Place) -> None:
    async with place.host() as host:
        with pytest.raises(PointUnknown, match="chat has no point 7: its history has nothing to choose from"):
            await host.compare("chat", 7)


async def test_the_same_code_is_the_same_whatever_else_is_refused_between(place: Place) -> None:
    place.module("chat", edition(1))
    async with place.host() as host:
        ids = await run_editions(place, host, 2)
        for _ in range(30):
            place.module("chat", "return {")
            with pytest.raises(HostError):
                await host.reload("chat")
        await host.rollback("chat", to=ids[0])
        assert await host.call("chat", "edition") == 1


async def test_the_timeline_has_the_acts_on_all_modules_and_says_what_runs(place: Place) -> None:
    place.module("chat", edition(1))
    place.module("clock", "return {}")
    async with place.host() as host:
        await host.load("clock")
        await run_editions(place, host, 2)
        await host.unload("clock")
        rows = await host.timeline()
        assert [(row.kind, row.module, row.current, row.reachable) for row in rows] == [
            ("unload", "clock", False, False),
            ("reload", "chat", True, False),
            ("load", "chat", False, True),
            ("load", "clock", True, False),
        ]
        assert await host.timeline(2) == rows[:2]
        assert await host.timeline(-1) == ()
        assert [replace(row, state="") for row in await host.history("chat")] == [
            replace(row, state="") for row in rows[1:3]
        ]


@pytest.mark.parametrize("count", ["2", None, 1.0, True])
async def test_a_timeline_has_a_number_of_acts(place: Place, count: Any) -> None:
    async with place.host() as host:
        with pytest.raises(TypeError, match=r"Host\.timeline: count must be an int"):
            await host.timeline(count)


def place_pair(place: Place) -> list[str]:
    """Two versions of two modules, each of which needs the other in its own version; the folders of the first."""
    folders = []
    for version in ("1.0.0", "2.0.0"):
        place.module("chat", edition(int(version[0])), version, folder=version)
        needs = f'[dependencies]\nchat = "=={version}"\n'
        place.module("rooms", edition(int(version[0])), version, folder=version, more=needs)
        folders += [f"plugins/{name}/{version}" for name in ("chat", "rooms")]
    return folders[:2]


async def editions(host: Host) -> tuple[Any, Any]:
    return await host.call("chat", "edition"), await host.call("rooms", "edition")


@pytest.mark.parametrize("name", ["chat", "rooms"])
@pytest.mark.parametrize("gone", [False, True])
async def test_what_was_swapped_in_one_act_goes_back_in_one(place: Place, name: str, gone: bool) -> None:  # noqa: FBT001
    """Neither could go back alone."""
    first = place_pair(place)
    async with place.host() as host:
        await host.load("rooms", "==1.0.0")
        await host.emit("add", 3)
        await host.swap({"chat": "2.0.0", "rooms": "2.0.0"})
    if gone:
        for folder in first:
            shutil.rmtree(place.root / folder)
    async with place.host(restore=True) as host:
        assert await editions(host) == (2, 2)
        report = await host.rollback(name)
        assert [report.module, *(each.module for each in report.others)] == [name, *({"chat", "rooms"} - {name})]
        assert await editions(host) == (1, 1)
        assert [await host.state(each) for each in ("chat", "rooms")] == [{"n": 3}, {"n": 3}]
        assert len({(await host.history(each))[0].at for each in ("chat", "rooms")}) == 1


async def test_what_changed_since_does_not_go_back_with_it(place: Place) -> None:
    for version in ("1.0.0", "2.0.0", "3.0.0"):
        for name in ("chat", "rooms"):
            place.module(name, edition(int(version[0])), version, folder=version)
    async with place.host() as host:
        await host.load_all({"chat": "==1.0.0", "rooms": "==1.0.0"})
        await host.swap("rooms", "2.0.0")
        await host.swap({"chat": "2.0.0", "rooms": "3.0.0"})
        await host.rollback("chat")
        assert await editions(host) == (1, 2)
        await host.swap({"chat": "2.0.0", "rooms": "3.0.0"})
        await host.swap("chat", "3.0.0")
        await host.rollback("rooms")
        assert await editions(host) == (3, 2)
        await host.rollback("rooms")
        assert await editions(host) == (3, 1), "which it came to alone"
