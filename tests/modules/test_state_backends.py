"""What the state module does is the same whatever keeps the values: sqlite or Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

import pytest

from host import Host, HostError
from tests.engine.place import Place, lines
from tests.modules import redis_server
from tests.modules.bundled import ROOT
from tests.modules.test_state import CALLS, NEEDS

SHARED: Final = '[permissions]\nstate = ["shared"]\n'
UNREACHABLE: Final = {"backend": "redis", "redis": "redis://127.0.0.1:1/0"}
KINDS: Final = {
    "yes": True,
    "no": False,
    "whole": 2.0**53,
    "part": 0.1,
    "text": "Grüße",
    "bytes": b"\xff\0\1",
    "list": [1, "two", [3]],
    "gap": {1: 1, 3: 3},
    "mixed": {1: 1, 2: 2, "name": "x", 10: {"deep": [True]}},
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with redis_server.running() as url:
        yield url


@pytest.fixture(params=["sqlite", "redis"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    if request.param == "sqlite":
        return {"backend": "sqlite"}
    return {"backend": "redis", "redis": request.getfixturevalue("address"), "prefix": tmp_path.name}


class Running:
    """A host on whose state module some modules call."""

    def __init__(self, place: Place, settings: dict[str, Any], *names: str, more: str = "") -> None:
        self.host = Host([place.root, ROOT], place.data)
        self._settings = settings
        self._names = names
        for name in names:
            place.module(name, CALLS, more=NEEDS + more)

    async def __aenter__(self) -> Self:
        await self.host.__aenter__()
        await self.host.load("state")
        await self.host.configure("state", self._settings)
        for name in self._names:
            await self.host.load(name)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.host.__aexit__(None, None, None)

    async def __call__(self, module: str, function: str, *arguments: Any) -> Any:
        return await self.host.call(module, "call", function, *arguments)


async def test_every_kind_of_value_comes_back_as_it_was(place: Place, settings: dict[str, Any]) -> None:
    async with Running(place, settings, "ana", "ben") as call:
        for key, value in KINDS.items():
            assert await call("ana", "set", key, value) is True
            assert await call("ana", "get", key) == value
        assert await call("ana", "keys") == sorted(KINDS)
        assert await call("ana", "keys", "?es") == ["yes"]
        assert await call("ana", "keys", "*s*t") == ["list"] == await call("ana", "keys", "l*")
        assert await call("ben", "get", "yes") is None
        assert await call("ana", "get", "none", {"a": "default"}) == {"a": "default"}
        assert (await call("ana", "stats"))["total_keys"] == len(KINDS)
        assert await call("ana", "clear", "*t") == 3
        assert await call("ana", "delete", "no") is True
        assert await call("ana", "delete", "no") is False
        assert await call("ana", "exists", "yes") is True


async def test_a_value_outlives_the_host_and_a_lock_does_not(place: Place, settings: dict[str, Any]) -> None:
    async with Running(place, settings, "ana") as call:
        await call("ana", "set", "key", {"deep": [1, b"\xff"]})
        assert await call("ana", "try_lock", "door") is True
        assert await call("ana", "try_lock", "timed", 1000) is True
    async with Running(place, settings, "ana") as call:
        assert await call("ana", "get", "key") == {"deep": [1, b"\xff"]}
        assert await call("ana", "try_lock", "door") is True
        assert await call("ana", "try_lock", "timed") is True


async def test_numbers_texts_and_lists_are_changed_in_place(place: Place, settings: dict[str, Any]) -> None:
    async with Running(place, settings, "ana") as call:
        assert await call("ana", "increment", "n") == 1
        assert await call("ana", "increment", "n", 4.5) == 5.5
        assert await call("ana", "decrement", "n") == 4.5
        assert await call("ana", "append", "t", "ab") == 2
        assert await call("ana", "append", "t", b"\xff") == 3
        assert await call("ana", "get", "t") == b"ab\xff"
        assert await call("ana", "increment", "t") == (None, "key t is not a number")
        await call("ana", "set", "most", 2**53 - 1)
        assert await call("ana", "increment", "most") == 2**53
        refusal = (None, "key most would be beyond 2^53, where numbers are counted by twos; it stays")
        assert await call("ana", "increment", "most") == refusal
        assert await call("ana", "get", "most") == 2**53
        assert await call("ana", "list_push", "l", {"a": 1}) == 1
        assert await call("ana", "list_push", "l", False) == 2
        assert await call("ana", "list_length", "l") == 2
        assert await call("ana", "list_pop", "l") is False
        assert await call("ana", "list_pop", "l") == {"a": 1}
        assert await call("ana", "list_pop", "l") is None
        assert await call("ana", "list_push", "n", 1) == (None, "key n is not a list")
        assert await call("ana", "compare_swap", "c", None, {"x": [1]}) is True
        assert await call("ana", "compare_swap", "c", None, 2) is False
        assert await call("ana", "compare_swap", "c", {"x": [2]}, 2) is False
        assert await call("ana", "compare_swap", "c", {"x": [1]}, None) is True
        assert await call("ana", "exists", "c") is False


async def test_a_time_to_live_ends_and_changes_keep_it(place: Place, settings: dict[str, Any]) -> None:
    async with Running(place, settings, "ana") as call:
        await call("ana", "set", "n", 1, 1000)
        await call("ana", "increment", "n")
        await call("ana", "compare_swap", "n", 2, 3)
        assert 990 < await call("ana", "get_ttl", "n") <= 1000
        assert await call("ana", "set_ttl", "n", 0) is True
        assert await call("ana", "get_ttl", "n") == -1
        assert await call("ana", "get_ttl", "none") == -2
        assert await call("ana", "set_ttl", "none", 5) == (None, "key not found: none")
        await call("ana", "set", "short", 1, 0.001)
        async with asyncio.timeout(10):
            while await call("ana", "exists", "short"):  # noqa: ASYNC110 - what expires tells nobody
                await asyncio.sleep(0.002)
        assert await call("ana", "get_ttl", "short") == -2
        assert await call("ana", "increment", "short") == 1
        assert await call("ana", "get_ttl", "short") == -1


TRANSACTIONS: Final = """
local state = require("state")
return { exports = {
    both = function() return state.transaction(function()
        state.set("a", 1)
        state.increment("a")
        state.list_push("l", "x")
        return state.get("a"), #state.keys()
    end) end,
    none = function() return pcall(state.transaction, function()
        state.set("b", 1)
        state.delete("a")
        assert(state.exists("a") == false)
        error("no", 0)
    end) end,
    late = function() return state.transaction(function() state.set("c", 1) host.sleep(1) end) end,
    look = function() return state.keys(), state.get("a") end,
} }
"""


async def test_a_transaction_is_kept_or_undone_as_one(place: Place, settings: dict[str, Any]) -> None:
    place.module("tom", TRANSACTIONS, more=NEEDS)
    async with Running(place, settings) as running:
        await running.host.load("tom")
        assert await running.host.call("tom", "both") == (2, 2)
        ok, error = await running.host.call("tom", "none")
        assert (ok, error) == (False, "no")
        nothing, why = await running.host.call("tom", "late")
        assert (nothing, "rolled back because it waited" in why) == (None, True)
        assert await running.host.call("tom", "look") == (["a", "l"], 2)


async def test_a_lock_is_one_modules_and_waited_for(place: Place, settings: dict[str, Any]) -> None:
    async with Running(place, settings, "ana") as call:
        assert await call("ana", "lock", "door", 1) is True
        assert await call("ana", "try_lock", "door") is False
        assert await call("ana", "lock", "door", 0.01) == (None, "lock door was not free within 0.01 s")
        waiting = asyncio.ensure_future(call("ana", "lock", "door", 30))
        await asyncio.sleep(0)
        assert await call("ana", "unlock", "door") is True
        assert await waiting is True
        assert (await call("ana", "stats"))["active_locks"] == 1
        await call.host.reload("ana")
        assert await call("ana", "try_lock", "door") is True, "the instance that held it is gone"
        assert await call("ana", "unlock", "other") == (None, "lock other is not held by this module")


async def test_two_hosts_share_what_they_keep(tmp_path: Path, address: str) -> None:
    shared = {"backend": "redis", "redis": address, "prefix": tmp_path.name}
    places = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        places.append(Place(tmp_path / name))
    async with Running(places[0], shared, "ana") as one, Running(places[1], shared, "ana") as two:
        await one("ana", "set", "key", [1])
        assert await two("ana", "get", "key") == [1]
        assert await one("ana", "try_lock", "door") is True
        assert await two("ana", "try_lock", "door") is False
        waiting = asyncio.ensure_future(two("ana", "lock", "door", 30))
        await one.host.unload("ana")
        assert await waiting is True
        await asyncio.gather(*(two("ana", "increment", "n") for _ in range(20)))
        assert await two("ana", "get", "n") == 20


async def test_the_namespace_of_all_is_for_who_was_granted_it(place: Place, settings: dict[str, Any]) -> None:
    async with Running(place, settings, "ana", "ben", more=SHARED) as call:
        nothing, why = await call("ana", "shared_set", "key", 1)
        assert (nothing, why.startswith("permission denied: ")) == (None, True)
        for name in ("ana", "ben"):
            await call.host.grant(name)
        assert await call("ana", "shared_set", "key", 1) is True
        assert await call("ben", "shared_increment", "key") == 2
        assert await call("ben", "get", "key") is None
        assert await call("ana", "shared_try_lock", "door") is True
        assert await call("ben", "shared_try_lock", "door") is False
        await call.host.revoke("ben")
        assert (await call("ben", "shared_get", "key"))[0] is None


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("set", (5, 1), "bad argument #1 to 'set' (string expected, got number)"),
        ("set", ("", 1), "bad argument #1 to 'set' (1 to 1024 bytes expected)"),
        ("set", ("k" * 1025, 1), "bad argument #1 to 'set' (1 to 1024 bytes expected)"),
        ("set", ("k", 1, -1), "bad argument #3 to 'set' (seconds above 0 and up to 2^40 expected)"),
        ("set", ("k", 1, "1"), "bad argument #3 to 'set' (seconds expected, got string)"),
        ("get", (), "bad argument #1 to 'get' (string expected, got nil)"),
        ("get", ({"a": 1},), "bad argument #1 to 'get' (string expected, got table)"),
        ("keys", (1,), "bad argument #1 to 'keys' (string expected, got number)"),
        ("increment", ("k", "1"), "bad argument #2 to 'increment' (number expected, got string)"),
        ("increment", ("k", float("nan")), "bad argument #2 to 'increment' (a number, and no NaN, expected)"),
        ("set", ("k", 1, 1e18), "bad argument #3 to 'set' (seconds above 0 and up to 2^40 expected)"),
        ("append", ("k", 1), "bad argument #2 to 'append' (string expected, got number)"),
        ("list_push", ("k",), "bad argument #2 to 'list_push' (value expected, got nil)"),
        ("set_ttl", ("k", float("nan")), "bad argument #2 to 'set_ttl' (seconds up to 2^40 expected)"),
        ("try_lock", ("k", 0), "bad argument #2 to 'try_lock' (seconds above 0 and up to 2^40 expected)"),
        ("transaction", (1,), "bad argument #1 to 'transaction' (function expected, got number)"),
        ("with_lock", ("k", 1), "bad argument #2 to 'with_lock' (function expected, got number)"),
    ],
)
async def test_a_wrong_argument_is_an_error_that_says_which(
    function: str, arguments: tuple[Any, ...], message: str, place: Place
) -> None:
    async with Running(place, {}, "ana") as call:
        with pytest.raises(HostError) as refusal:
            await call("ana", function, *arguments)
        assert message in str(refusal.value)


async def test_keys_with_nuls_and_of_any_bytes_are_keys_as_others(place: Place, settings: dict[str, Any]) -> None:
    async with Running(place, settings, "ana") as call:
        for key in ("a\0b", "a\0", "[x]", b"\xff\xff", "*"):
            assert await call("ana", "set", key, key) is True
        assert await call("ana", "keys", "a\0*") == ["a\0", "a\0b"]
        assert await call("ana", "get", b"\xff\xff") == b"\xff\xff"
        assert await call("ana", "keys", "[*") == ["[x]"]
        assert await call("ana", "clear", "*") == 5


async def test_a_redis_that_cannot_be_reached_is_a_message_and_all_goes_on_once_it_can(
    place: Place, address: str, tmp_path: Path
) -> None:
    async with Running(place, UNREACHABLE, "ana") as call:
        for function in ("set", "get", "try_lock", "keys", "stats"):
            nothing, why = await call("ana", function, *(("key", 1) if function == "set" else ("key",)))
            assert nothing is None
            assert "redis at 127.0.0.1:1" in why
            assert why.endswith("nothing was changed")
        assert any("redis at 127.0.0.1:1" in line for line in lines(call.host.chronicle, "state"))
        await call.host.configure("state", {"backend": "redis", "redis": address, "prefix": tmp_path.name})
        assert await call("ana", "set", "key", 1) is True


async def test_a_redis_that_stops_meanwhile_loses_nothing_that_is_not_in_it(place: Place) -> None:
    with redis_server.running() as url:
        running = Running(place, {"backend": "redis", "redis": url}, "ana")
        await running.__aenter__()
        assert await running("ana", "set", "key", 1) is True
    nothing, why = await running("ana", "set", "key", 2)
    assert (nothing, "redis at " in why) == (None, True)
    await running.host.configure("state", {"backend": "sqlite"})
    assert await running("ana", "get", "key") is None
    assert await running("ana", "set", "key", 3) is True
    await running.__aexit__()


HUGE: Final = """
local state = require("state")
return { exports = {
    large = function() return state.set("large", ("x"):rep(4 * 2 ^ 20)), #state.get("large") end,
    hundred = function() return state.set("key", ("x"):rep(100 * 2 ^ 20)) end,
    given = function(text) return state.set("key", text) end,
    get = function() return state.get("key") end,
    little = function() return state.set("key", 1) end,
} }
"""


async def test_a_value_of_100_mb_is_refused_and_the_one_before_stays(place: Place, settings: dict[str, Any]) -> None:
    place.module("hugo", HUGE, more=NEEDS)
    async with Running(place, settings) as running:
        await running.host.load("hugo")
        assert await running.host.call("hugo", "little") is True
        assert await running.host.call("hugo", "large") == (True, 4 << 20)
        with pytest.raises(HostError, match="resulting string too large"):
            await running.host.call("hugo", "hundred")
        with pytest.raises(HostError, match="over its memory of 32 MiB"):
            await running.host.call("hugo", "given", b"x" * (100 << 20))
        assert await running.host.call("hugo", "get") == 1
