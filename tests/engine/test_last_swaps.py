"""Of what runs it is known what the swap that brought it did to the state: kept, changed, dropped, added."""

from __future__ import annotations

import pytest

from host import Host
from host.engine import last_swaps
from host.vocabulary.views import Difference, StateRow
from tests.engine.place import Place

OLD = """local M = {state = {n = 1, name = "ana", rooms = {lobby = {4, 5}, old = true}, legacy = 7}}
M.hooks = {add = function(key) M.state[key] = true end}
function M:getState() return self.state end
function M:setState(state) self.state = state end
return M"""
NEW = OLD.replace(
    "return M",
    """function M:migrate(state)
    state.n, state.legacy, state.fresh = 2, nil, {1, 2}
    state.rooms.lobby[2] = 6
    return state
end
return M""",
)


async def swapped(place: Place, host: Host) -> None:
    place.module("chat", OLD, folder="1")
    place.module("chat", NEW, "2.0.0", folder="2")
    await host.rescan()
    await host.load("chat", "==1.0.0")
    await host.swap("chat", "2.0.0")


def rows(host: Host, *path: str) -> dict[object, StateRow]:
    page = host.parts.inspection.state_page("chat", list(path), 0, 100)
    return {row.key: row for row in page.rows}


async def test_each_entry_says_what_became_of_it(place: Place) -> None:
    async with place.host() as host:
        await swapped(place, host)
        found = {key: (row.swap, row.before) for key, row in rows(host).items()}
        assert found == {
            "n": ("changed", "1"),
            "name": ("kept", ""),
            "rooms": ("changed", ""),
            "fresh": ("added", ""),
        }
        assert {key: row.swap for key, row in rows(host, "rooms").items()} == {"lobby": "changed", "old": "kept"}
        assert [(row.swap, row.before) for row in rows(host, "rooms", "lobby").values()] == [
            ("kept", ""),
            ("changed", "5"),
        ]


async def test_all_differences_are_told_with_what_was_dropped(place: Place) -> None:
    async with place.host() as host:
        await swapped(place, host)
        told = host.parts.inspection.last_swap("chat")
        assert (told.kind, told.from_version, told.to_version, told.message) == ("swap", "1.0.0", "2.0.0", "")
        assert told.at > 0
        assert set(told.differences) == {
            Difference(path="state.n", before="1", after="2"),
            Difference(path="state.legacy", before="7", after=""),
            Difference(path="state.fresh", before="", after="2 entries"),
            Difference(path="state.rooms.lobby[2]", before="5", after="6"),
        }


async def test_what_comes_after_the_swap_is_no_mark_of_it(place: Place) -> None:
    async with place.host() as host:
        await swapped(place, host)
        await host.emit("add", "later")
        assert rows(host)["later"].swap == ""
        assert rows(host)["name"].swap == "kept"


async def test_the_next_swap_takes_the_place_of_the_last(place: Place) -> None:
    async with place.host() as host:
        await swapped(place, host)
        await host.reload("chat")
        told = host.parts.inspection.last_swap("chat")
        assert (told.kind, told.from_version) == ("reload", "2.0.0")
        assert rows(host)["name"].swap == "kept"
        await host.rollback("chat")
        assert host.parts.inspection.last_swap("chat").kind == "rollback"


async def test_what_was_only_loaded_has_no_marks(place: Place) -> None:
    async with place.host() as host:
        await swapped(place, host)
        await host.unload("chat")
        await host.load("chat")
        assert host.parts.inspection.last_swap("chat").at == 0.0
        assert {row.swap for row in rows(host).values()} == {""}


async def test_a_large_state_is_not_compared_and_says_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_swaps, "LARGEST", 16)
    async with place.host() as host:
        await swapped(place, host)
        assert host.parts.inspection.last_swap("chat").message == "Its state is not compared: it is larger than 0 KiB."
        assert {row.swap for row in rows(host).values()} == {""}


async def test_of_many_states_those_of_the_oldest_swaps_are_let_go(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_swaps, "MOST", 300)
    async with place.host() as host:
        await swapped(place, host)
        place.module("other", OLD, folder="1")
        await host.rescan()
        await host.load("other")
        await host.reload("other")
        inspection = host.parts.inspection
        assert inspection.last_swap("chat").message == "What it changed is no longer kept."
        assert inspection.last_swap("other").message == ""


async def test_a_module_that_keeps_no_state_says_so(place: Place) -> None:
    place.module("plain")
    async with place.host() as host:
        await host.load("plain")
        await host.reload("plain")
        assert host.parts.inspection.last_swap("plain").message == "It keeps no state, or kept none before."


async def test_the_history_says_of_the_last_swap_what_it_did_to_the_state(place: Place) -> None:
    async with place.host() as host:
        await swapped(place, host)
        newest, load = await host.history("chat")
        assert newest.state.startswith("2 changed, 1 added, 1 dropped; ")
        assert "changed" not in load.state
        await host.reload("chat")
        newest, before, _ = await host.history("chat")
        assert newest.state.startswith("state kept as it was; ")
        assert "changed" not in before.state
