"""What the state module keeps: by whom, how long, and through what."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from host import Host, HostError
from host.lifecycle.native_code import NativeCode, read_sources
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.vocabulary.events import EventKind
from host.vocabulary.views import Severity
from tests.engine.place import Place, lines
from tests.modules.bundled import MANIFESTS, ROOT

STATE: Final = next(each for each in MANIFESTS if each.name == "state")
CODE: Final = NativeCode(STATE, read_sources(STATE))
NATIVE: Final = CODE.run()
FACE: Final = sys.modules[f"{CODE.name}.face"]
NEEDS: Final = '[dependencies]\nstate = "*"\n'
CALLS: Final = """
local state = require("state")
return { exports = {
    call = function(name, ...) return state[name](...) end,
    hold = function() return state.with_lock("door", function() print("holds") host.sleep(1e6) end) end,
} }
"""


def host_at(place: Place) -> Host:
    return Host([place.root, ROOT], place.data)


async def load(host: Host, place: Place, *names: str) -> None:
    for name in names:
        place.module(name, CALLS, more=NEEDS)
    await host.rescan()
    for name in names:
        await host.load(name)


def database(place: Place) -> Path:
    return place.data / "modules" / "state" / "state.sqlite3"


async def test_each_module_has_a_namespace_of_its_own(place: Place) -> None:
    async with host_at(place) as host:
        await load(host, place, "ana", "ben")
        await host.call("ana", "call", "set", "key", 1)
        assert await host.call("ben", "call", "get", "key") is None
        assert await host.call("ben", "call", "clear") == 0
        assert await host.call("ben", "call", "try_lock", "door") is True
        assert await host.call("ana", "call", "try_lock", "door") is True
        assert await host.call("ana", "call", "get", "key") == 1


async def test_it_outlives_the_host(place: Place) -> None:
    async with host_at(place) as host:
        await load(host, place, "ana")
        await host.call("ana", "call", "set", "key", {"deep": [1, None, b"\xff"]})
        await host.call("ana", "call", "try_lock", "door")
    async with host_at(place) as host:
        await load(host, place, "ana")
        assert await host.call("ana", "call", "get", "key") == {"deep": {1: 1, 3: b"\xff"}}
        assert await host.call("ana", "call", "try_lock", "door") is True


@pytest.mark.parametrize("end", ["unload", "reload"])
async def test_locks_go_with_the_instance_that_took_them(end: str, place: Place) -> None:
    async with host_at(place) as host:
        await load(host, place, "ana")
        await host.call("ana", "call", "try_lock", "door")
        await (host.unload("ana") if end == "unload" else host.reload("ana"))
        await host.load("ana")
        assert await host.call("ana", "call", "try_lock", "door") is True


async def test_a_lock_that_a_task_holds_goes_when_its_module_is_swapped(place: Place) -> None:
    async with host_at(place) as host:
        await load(host, place, "ana")
        holding = asyncio.ensure_future(host.call("ana", "hold"))
        async with asyncio.timeout(10):
            while "holds" not in lines(host.chronicle, "ana"):
                await host.chronicle.newer_than(host.chronicle.revision, 10)
        await host.reload("ana")
        assert await host.call("ana", "call", "lock", "door", 5) is True
        with pytest.raises(HostError, match="cancelled: ana was swapped meanwhile"):
            await holding


LEAKING: Final = """
local state = require("state")
local ran = false
local function waits()
    assert(state.try_lock("door"))
    return host.async(function() return state.lock("door", 20) end),
        host.async(function() state.with_lock("door", function() ran = true end, 20) end)
end
return { exports = {
    cancel = function(first)
        local one, other = waits()
        host.sleep(60)
        if first == "unlock" then state.unlock("door") end
        one:cancel()
        other:cancel()
        if first == "cancel" then state.unlock("door") end
        host.sleep(100)
        return ran, state.try_lock("door")
    end,
    handler = function() return state.with_lock("door", print) end,
}, hooks = { onTry = function() print(state.with_lock("door", print)) end } }
"""


@pytest.mark.parametrize("first", ["unlock", "cancel"])
async def test_a_task_that_is_cancelled_as_its_lock_comes_free_holds_nothing(first: str, place: Place) -> None:
    async with host_at(place) as host:
        place.module("ana", LEAKING, more=NEEDS)
        await host.rescan()
        await host.load("ana")
        assert await host.call("ana", "cancel", first) == (False, True)


async def test_a_lock_that_a_handler_cannot_wait_for_is_a_message(place: Place) -> None:
    async with host_at(place) as host:
        place.module("ana", LEAKING, more=NEEDS)
        await host.rescan()
        await host.load("ana")
        await host.emit("onTry")
        assert lines(host.chronicle, "ana")[-1].startswith("nil state.lock waits, and cannot here: call it inside")


async def test_where_it_cannot_wait_for_a_lock_it_says_so(place: Place) -> None:
    lua = 'local state = require("state") return { hooks = { onGo = function() print(state.lock("a")) end } }'
    place.module("handler", lua, more=NEEDS)
    async with host_at(place) as host:
        await host.load("handler")
        await host.emit("onGo")
        assert lines(host.chronicle, "handler") == [
            "nil state.lock waits, and cannot here: call it inside host.async(function() ... end)"
        ]


async def test_a_damaged_database_is_set_aside_and_said(place: Place) -> None:
    file = database(place)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no database at all" * 1000)
    async with host_at(place) as host:
        await load(host, place, "ana")
        assert await host.call("ana", "call", "set", "key", 1) is True
        (aside,) = file.parent.glob("state.sqlite3.corrupt-*")
        assert aside.read_bytes() == b"no database at all" * 1000
        assert any(f"was damaged and is now {aside.name}" in line for line in lines(host.chronicle, "state"))
        assert_told(host, f"was damaged and is now {aside.name}")


def assert_told(host: Host, text: str) -> None:
    """As an event, which `theseus run` prints, and among the problems of the window and of `theseus status`."""
    (event,) = [each for each in host.chronicle.events_since(0) if each.event is EventKind.STORAGE_FAILED]
    assert (event.module, text in event.text) == ("state", True)
    (problem,) = [each for each in host.snapshot().problems if each.module == "state"]
    assert (problem.severity, text in problem.message) == (Severity.ERROR, True)


@pytest.mark.parametrize("end", ["removed", "replaced"])
async def test_a_database_that_is_removed_while_the_host_runs_is_told_and_takes_nothing(end: str, place: Place) -> None:
    async with host_at(place) as host:
        await load(host, place, "ana")
        assert await host.call("ana", "call", "set", "key", 1) is True
        for part in database(place).parent.glob("state.sqlite3*"):
            part.unlink()
        if end == "replaced":
            with closing(sqlite3.connect(database(place))) as other:
                other.execute("CREATE TABLE other (x)")
        async with asyncio.timeout(10):
            while (answer := await host.call("ana", "call", "set", "key", 2)) is True:  # noqa: ASYNC110 - it looks when asked
                await asyncio.sleep(0.05)
        assert answer[1].startswith(f"state keeps nothing now: {database(place)} was removed or replaced")
        for name, *arguments in (("increment", "n"), ("list_push", "l", 1), ("get", "key"), ("try_lock", "x")):
            assert (await host.call("ana", "call", name, *arguments))[0] is None
        assert_told(host, "was removed or replaced while the host runs")
        await host.reload("state")
        assert await host.call("ana", "call", "set", "key", 3) is True
    async with host_at(place) as host:
        await load(host, place, "ana")
        assert await host.call("ana", "call", "get", "key") == 3


def test_a_database_that_is_damaged_while_the_host_runs_is_told_and_takes_nothing(tmp_path: Path) -> None:
    now, told = [0.0], list[str]()
    kept = sys.modules[f"{CODE.name}.database"].Database(tmp_path, even=lambda: now[0], tell=told.append)
    caller = Caller(STATE, tmp_path)
    kept.put(caller, "ana", b"key", b"x" * 10_000, None)
    with closing(sqlite3.connect(kept.file)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with kept.file.open("r+b") as file:
        file.seek(kept.file.stat().st_size - 4096)
        file.write(b"\xff" * 4096)
    kept.look()
    now[0] += 61
    with pytest.raises(OSError, match="was damaged while the host runs") as found:
        kept.look()
    with pytest.raises(OSError, match="was damaged while the host runs"):
        kept.put(caller, "ana", b"key", b"new", None)
    assert told == [str(found.value)], "once"
    kept.close()


async def test_a_database_that_others_hold_is_a_message_and_changes_nothing(place: Place) -> None:
    async with host_at(place) as host:
        await load(host, place, "ana")
        await host.call("ana", "call", "set", "key", 1)
        with closing(sqlite3.connect(database(place), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            nothing, why = await host.call("ana", "call", "set", "key", 2)
            assert (nothing, why) == (
                None,
                "state cannot be read or written now (database is locked); nothing was changed",
            )
            assert await host.call("ana", "call", "get", "key") == 1, "reading goes on"
        assert await host.call("ana", "call", "set", "key", 3) is True


class Clock:
    """A clock on the wall, and one that goes evenly."""

    def __init__(self) -> None:
        self.wall, self.even = 1_000_000.0, 50.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def caller() -> Caller:
    return Caller(MANIFESTS[0], Path("nowhere"))


class Entries:
    """The functions of a store, by name: plain values in, a plain value out."""

    def __init__(self, store: Any) -> None:
        self.store = store
        held = NATIVE["Held"](store)
        held.locks = NATIVE["Locks"](store)
        self._functions = NATIVE["Face"](held, lambda caller: caller.name).functions()

    def keys(self, caller: Caller, *pattern: str) -> list[str]:
        return self.__getattr__("keys")(caller, *pattern) or []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(caller: Caller, *values: Any) -> Any:
            function, argument = self._functions[name], Crossing.of(*values)
            answer = Crossing(*function(caller, *argument)) if hasattr(function, "bare") else function(caller, argument)
            return answer.value() if isinstance(answer, Crossing) else answer

        return call


def opened(folder: Path, clock: Clock) -> tuple[Any, Entries]:
    store = NATIVE["Database"](folder, lambda: clock.wall, lambda: clock.even)
    return store, Entries(store)


def put(entries: Entries, caller: Caller, key: str, value: Any, ttl: float | None = None) -> Any:
    return entries.set(caller, key, value, ttl)


async def test_a_full_disk_is_refused_and_changes_nothing(tmp_path: Path, clock: Clock, caller: Caller) -> None:
    state, entries = opened(tmp_path, clock)
    put(entries, caller, "key", 1)
    state.connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(OSError, match="database or disk is full"):
        put(entries, caller, "key", "x" * 100_000)
    assert entries.get(caller, "key") == 1
    state.close()


async def test_what_has_expired_is_gone_at_once_and_swept_later(tmp_path: Path, clock: Clock, caller: Caller) -> None:
    state, entries = opened(tmp_path, clock)
    put(entries, caller, "short", 1, 10)
    put(entries, caller, "long", 1, 1000)
    clock.even += 10
    assert entries.keys(caller) == ["long"]
    assert entries.exists(caller, "short") is False
    assert entries.get_ttl(caller, "short") == -2
    assert entries.stats(caller)["expired_keys"] == 1
    assert entries.increment(caller, "short", 5) == 5, "it counts as missing"
    assert entries.get_ttl(caller, "short") == -1, "and has no old time to live"
    put(entries, caller, "again", 1, 1)
    clock.even += 61
    put(entries, caller, "other", 1)
    assert entries.stats(caller)["expired_keys"] == 0
    state.close()


async def test_a_clock_on_the_wall_that_jumps_changes_no_time_to_live(
    tmp_path: Path, clock: Clock, caller: Caller
) -> None:
    state, entries = opened(tmp_path, clock)
    put(entries, caller, "key", 1, 100)
    clock.wall += 1e6
    assert entries.get_ttl(caller, "key") == 100
    clock.wall -= 2e6
    assert entries.get_ttl(caller, "key") == 100
    state.close()


async def test_a_clock_that_was_set_back_between_two_starts_brings_nothing_back(
    tmp_path: Path, clock: Clock, caller: Caller
) -> None:
    state, entries = opened(tmp_path, clock)
    put(entries, caller, "key", 1, 100)
    clock.even += 200
    put(entries, caller, "other", 1)
    state.close()
    clock.wall -= 1e6
    clock.even = 3.0
    state, entries = opened(tmp_path, clock)
    assert entries.exists(caller, "key") is False
    state.close()


async def test_time_to_live_goes_by_between_two_starts(tmp_path: Path, clock: Clock, caller: Caller) -> None:
    state, entries = opened(tmp_path, clock)
    put(entries, caller, "key", 1, 100)
    state.close()
    clock.wall += 60
    state, entries = opened(tmp_path, clock)
    assert entries.get_ttl(caller, "key") == 40
    state.close()


HOLDER: Final = """
import asyncio, sys
from pathlib import Path
from host.trust.caller import Caller
from tests.modules.bundled import MANIFESTS
from tests.modules.test_state import NATIVE, Entries

async def main(folder):
    entries = Entries(NATIVE["Database"](Path(folder)))
    print(entries.try_lock(Caller(MANIFESTS[0], Path("nowhere")), "door"), flush=True)
    await asyncio.sleep(1000)

asyncio.run(main(sys.argv[1]))
"""


async def test_a_lock_is_held_across_processes_and_freed_by_a_kill(tmp_path: Path, caller: Caller) -> None:
    entries = Entries(NATIVE["Database"](tmp_path))
    command = (sys.executable, "-c", HOLDER, str(tmp_path))
    root = Path(__file__).parents[2]
    other = await asyncio.create_subprocess_exec(*command, cwd=root, stdout=subprocess.PIPE)
    assert other.stdout is not None
    async with asyncio.timeout(30):
        assert await other.stdout.readline() == b"True\n"
    assert entries.try_lock(caller, "door") is False
    waiting = asyncio.ensure_future(entries.lock(caller, "door", 30))
    other.send_signal(signal.SIGKILL)
    await other.wait()
    assert await waiting is True
    assert [each.name for each in (tmp_path / "hosts").iterdir()], "its own"
    entries.store.close()


@pytest.fixture
def other() -> Caller:
    return Caller(MANIFESTS[-1], Path("nowhere"))


async def turn() -> None:
    """Let the event loop do what is due."""
    await asyncio.sleep(0)


async def test_a_pattern_of_many_stars_is_matched_at_once(tmp_path: Path, clock: Clock, caller: Caller) -> None:
    state, entries = opened(tmp_path, clock)
    put(entries, caller, "a" * 1000, 1)
    put(entries, caller, "Ab[\n", 1)
    before = time.process_time()
    assert entries.keys(caller, "a*" * 12 + "b") == []
    assert time.process_time() - before < 5, "tried one by one, it is hours"
    assert entries.keys(caller, "*b[?") == ["Ab[\n"]
    assert entries.keys(caller, "ab*") == [], "case counts"
    state.close()


async def test_of_two_transactions_that_waited_nothing_is_written(
    tmp_path: Path, clock: Clock, caller: Caller, other: Caller
) -> None:
    state, entries = opened(tmp_path, clock)
    for each in (caller, other):
        state.begin(each)
        put(entries, each, "key", 1)
        await turn()
    for each in (caller, other):
        with pytest.raises(OSError, match="rolled back because it waited; nothing was changed"):
            entries.append(each, "late", "text")
        with pytest.raises(OSError, match="rolled back because it waited; nothing was changed"):
            state.commit(each)
        assert entries.keys(each) == []
        assert entries.append(each, "late", "text") == 4, "and it goes on"
    state.close()


async def test_a_transaction_is_joined_and_ended_by_its_own_module_alone(
    tmp_path: Path, clock: Clock, caller: Caller, other: Caller
) -> None:
    state, entries = opened(tmp_path, clock)
    state.begin(caller)
    put(entries, caller, "key", 1)
    refused = f"a transaction of {caller.name} is under way, and this is no part of it; nothing was changed"
    acts: tuple[Callable[[], object], ...] = (
        lambda: put(entries, other, "key", 1),
        lambda: entries.append(other, "key", "text"),
        lambda: state.commit(other),
        lambda: state.rollback(other),
    )
    for act in acts:
        with pytest.raises(OSError, match=refused):
            act()
    assert state.commit(caller) is True
    assert (entries.keys(caller), entries.keys(other)) == (["key"], [])
    with pytest.raises(OSError, match="no transaction is under way"):
        state.commit(caller)
    state.close()


async def test_a_count_of_locks_that_the_database_refuses_is_a_message(tmp_path: Path, caller: Caller) -> None:
    entries = Entries(NATIVE["Database"](tmp_path))
    with closing(sqlite3.connect(tmp_path / "state.sqlite3")) as beside:
        beside.execute("DROP TABLE locks")
    with pytest.raises(OSError, match="state cannot be read or written now"):
        entries.stats(caller)
    entries.store.close()


async def test_a_long_list_is_pushed_to_and_popped_from_as_fast_as_a_short_one(
    tmp_path: Path, clock: Clock, caller: Caller
) -> None:
    state, entries = opened(tmp_path, clock)

    def took(key: str) -> float:
        before = time.process_time()
        for number in range(300):
            entries.list_push(caller, key, number)
            entries.list_length(caller, key)
        for _ in range(300):
            entries.list_pop(caller, key)
        return time.process_time() - before

    state.begin(caller)
    for number in range(30_000):
        entries.list_push(caller, "long", number)
    state.commit(caller)
    short, long = (min(took(key) for _ in range(3)) for key in ("short", "long"))
    assert long < 3 * short, "taken apart as one value, it is 100 times"
    assert entries.get(caller, "long") == list(range(30_000))
    state.close()


async def test_a_list_grows_to_a_bound_and_says_so(
    tmp_path: Path, clock: Clock, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[f"{CODE.name}.lists"], "MOST_ITEMS", 3)
    monkeypatch.setattr(sys.modules[f"{CODE.name}.lists"], "LARGEST_WHOLE", 100)
    state, entries = opened(tmp_path, clock)
    for number in range(3):
        assert entries.list_push(caller, "key", "x" * 40) == number + 1
    with pytest.raises(OSError, match="key key holds 3 items, and no list has more"):
        entries.list_push(caller, "key", 4)
    with pytest.raises(OSError, match="key key holds a list of more than 0 MiB; pop its items"):
        entries.get(caller, "key")
    assert (entries.exists(caller, "key"), entries.list_length(caller, "key")) == (True, 3)
    assert entries.list_pop(caller, "key") == "x" * 40
    assert entries.get(caller, "key") == ["x" * 40] * 2
    state.close()


async def test_what_a_transaction_pushed_is_undone_with_it(tmp_path: Path, clock: Clock, caller: Caller) -> None:
    state, entries = opened(tmp_path, clock)
    put(entries, caller, "old", [1, 2])
    entries.list_push(caller, "old", 3)
    state.begin(caller)
    assert entries.list_push(caller, "old", 4) == 4
    assert entries.list_push(caller, "new", 1) == 1
    put(entries, caller, "old", "gone")
    state.rollback(caller)
    assert (entries.get(caller, "old"), entries.get(caller, "new")) == ([1, 2, 3], None)
    state.close()


async def test_hosts_share_a_list_and_keep_its_time_to_live(tmp_path: Path, clock: Clock, caller: Caller) -> None:
    (one, mine), (other, theirs) = opened(tmp_path, clock), opened(tmp_path, clock)
    put(mine, caller, "key", [1], 100)
    assert theirs.list_push(caller, "key", 2) == 2
    assert mine.list_push(caller, "key", 3) == 3
    assert (theirs.list_pop(caller, "key"), theirs.get_ttl(caller, "key")) == (3, 100)
    await turn()
    assert mine.get(caller, "key") == [1, 2]
    clock.even += 100
    assert (mine.list_length(caller, "key"), theirs.list_push(caller, "key", "new")) == (0, 1)
    one.close()
    other.close()
