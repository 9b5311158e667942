"""An entry of a state is edited by a swap of the module with itself; all else of the state stays, to the byte."""

from __future__ import annotations

from typing import Any

import pytest

from host import Host, HostError, SwapFailed
from host.engine.literal import literal
from host.runtime.codec import decode, encode, spliced
from host.vocabulary.errors import ModuleUnknown, NotData
from tests.engine.place import Place

SOURCE = """local state = {hp = 10, name = "ana", alive = true, list = {1, 2, 3}, [7] = "seven", [true] = "truth",
    users = {ana = {level = 3}}}
local M = {}
function M:getState() return state end
function M:setState(given)
    if given.hp < 0 then error("hp is negative") end
    state = given
end
M.exports = {
    hp = function() return state.hp end,
    kept = function() return state[true], state[7], state.list[2], state.users.ana.level end,
}
return M"""
KEPT = ("truth", "seven", 2, 3)


async def opened(place: Place, host: Host, body: str = SOURCE) -> None:
    place.module("m", body)
    await host.rescan()
    await host.load("m")


async def test_an_entry_is_edited_and_all_else_stays(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.edit_state("m", ["hp"], 42)
        assert await host.call("m", "hp") == 42
        assert await host.call("m", "kept") == KEPT
        assert (await host.history("m"))[0].kind == "edit"


@pytest.mark.parametrize(
    ("path", "value", "kept"),
    [
        (["list", 2], 20, ("truth", "seven", 20, 3)),
        (["users", "ana", "level"], "many", ("truth", "seven", 2, "many")),
        ([7], False, ("truth", False, 2, 3)),
        (["true"], "other", ("other", "seven", 2, 3)),
    ],
)
async def test_an_entry_is_found_by_its_path(place: Place, path: list[Any], value: Any, kept: tuple[Any, ...]) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.edit_state("m", path, value)
        assert await host.call("m", "kept") == kept


async def test_what_setstate_refuses_changes_nothing(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        with pytest.raises(SwapFailed, match="hp is negative"):
            await host.edit_state("m", ["hp"], -1)
        assert await host.call("m", "hp") == 10


async def test_what_was_typed_over_stays_so_when_the_state_is_edited(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.swap_source("m", {"init.lua": SOURCE + " -- typed"})
        await host.edit_state("m", ["hp"], 1)
        assert host.snapshot().modules["m"].unsaved == ("init.lua",)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (["nothing"], 1, "m has nothing at nothing"),
        (["hp", "deeper"], 1, "m has nothing at hp.deeper"),
        (["list", 9], 1, "m has nothing at list.9"),
        (["users"], 1, "edited entry by entry"),
        ([], 1, "edited entry by entry"),
        (["hp"], None, "becomes a text, a number"),
        (["hp"], [1], "becomes a text, a number"),
        (["hp"], 1 << 60, "no Lua number holds"),
    ],
)
async def test_what_cannot_be_edited_is_refused(place: Place, path: list[Any], value: Any, reason: str) -> None:
    async with place.host() as host:
        await opened(place, host)
        with pytest.raises(HostError, match=reason):
            await host.edit_state("m", path, value)
        assert await host.call("m", "hp") == 10


async def test_a_module_without_state_has_nothing_to_edit(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host, "return {}")
        with pytest.raises(HostError, match="m has no state"):
            await host.state_text("m")
        with pytest.raises(ModuleUnknown):
            await host.edit_state("nobody", ["hp"], 1)


async def test_a_state_is_given_as_lua_that_makes_the_same(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        assert await host.state_text("m", ["users"]) == "{\n    ana = {\n        level = 3,\n    },\n}"
        text = await host.state_text("m")
        place.module("copy", f"local state = {text}\nreturn {{getState = function() return state end}}")
        await host.rescan()
        await host.load("copy")
        assert await host.state("copy") == await host.state("m")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nil"),
        (True, "true"),
        (1, "1"),
        (0, "0"),
        (1.5, "1.5"),
        (float("inf"), "math.huge"),
        (float("nan"), "0/0"),
        ('a"b\\c\n\x00é', '"a\\"b\\\\c\\n\\000é"'),
        (b"\xff1", '"\\2551"'),
        ({}, "{}"),
        ({"end": 1, "a b": 2, 3: 4}, '{\n    [3] = 4,\n    ["a b"] = 2,\n    ["end"] = 1,\n}'),
    ],
)
def test_a_value_is_written_as_lua_would_have_it(value: Any, text: str) -> None:
    assert literal(value) == text


def test_a_splice_touches_no_other_byte() -> None:
    data = encode({"a": [1, 2, {"b": "x"}], "c": "y"})
    assert decode(spliced(data, ["a", 3, "b"], "longer than before")) == {
        "a": [1, 2, {"b": "longer than before"}],
        "c": "y",
    }
    assert spliced(data, ["a", 3, "b"], "x") == data


@pytest.mark.parametrize("path", [["b"], ["a", 9], ["a", 1, "x"], [True], ["a", True]])
def test_a_path_that_leads_nowhere_is_refused(path: list[Any]) -> None:
    with pytest.raises(NotData, match="without an entry at"):
        spliced(encode({"a": [1]}), path, 1)


def test_bytes_of_no_value_are_refused() -> None:
    with pytest.raises(NotData, match="cut off"):
        spliced(encode({"a": [1, 2]})[:-3], ["a", 2], 1)
