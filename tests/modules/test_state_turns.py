"""Several writes in one turn of the event loop: each is in the file when it returns, whoever else writes."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from host.trust.caller import Caller
from tests.modules.bundled import MANIFESTS
from tests.modules.test_state import NATIVE, Entries

ROOT: Final = Path(__file__).parents[2]


@pytest.fixture
def caller() -> Caller:
    return Caller(MANIFESTS[0], Path("nowhere"))


@pytest.fixture
def entries(tmp_path: Path) -> Iterator[Entries]:
    store = NATIVE["Database"](tmp_path)
    yield Entries(store)
    store.close()


@pytest.fixture
def beside(tmp_path: Path, entries: Entries) -> Iterator[sqlite3.Connection]:
    """What another program sees; it waits for nobody."""
    assert entries.store
    with closing(sqlite3.connect(tmp_path / "state.sqlite3", isolation_level=None, timeout=0)) as connection:
        yield connection


def seen(beside: sqlite3.Connection) -> int:
    (count,) = beside.execute("SELECT count(*) FROM entries").fetchone()
    return int(count)


def write(beside: sqlite3.Connection, caller: Caller, key: str, value: bytes = b"\x02") -> None:
    beside.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, NULL)", (caller.name, key.encode(), value))


async def test_others_see_each_as_it_returns(entries: Entries, beside: sqlite3.Connection, caller: Caller) -> None:
    for count in range(1, 6):
        entries.set(caller, f"key{count}", count)
        assert seen(beside) == count
    entries.delete(caller, "key1")
    assert seen(beside) == 4


async def test_others_may_write_between_any_two(entries: Entries, beside: sqlite3.Connection, caller: Caller) -> None:
    for count in range(1, 6):
        entries.set(caller, f"ours{count}", count)
        write(beside, caller, f"theirs{count}")
    assert entries.delete(caller, "theirs5") is True
    write(beside, caller, "theirs6")
    assert entries.set_ttl(caller, "theirs6", 100) is True
    for _ in range(2):
        entries.set(caller, "theirs6", 6)
    write(beside, caller, "number", b"\x06\x07\x00\x00\x00")
    assert entries.increment(caller, "number") == 8, "what is changed is looked at anew"
    assert seen(beside) == 11


async def test_where_another_writes_now_it_is_waited_for(
    entries: Entries, beside: sqlite3.Connection, caller: Caller
) -> None:
    for count in range(3):
        entries.set(caller, f"key{count}", count)
    beside.execute("BEGIN IMMEDIATE")
    write(beside, caller, "theirs")
    with pytest.raises(OSError, match="database is locked"):
        entries.set(caller, "key3", 3)
    beside.execute("COMMIT")
    entries.set(caller, "key3", 3)
    assert entries.keys(caller) == ["key0", "key1", "key2", "key3", "theirs"]


async def test_a_transaction_among_them_is_undone_alone(
    entries: Entries, beside: sqlite3.Connection, caller: Caller
) -> None:
    for count in range(3):
        entries.set(caller, f"key{count}", count)
    entries.store.begin(caller)
    for count in range(3, 6):
        entries.set(caller, f"key{count}", count)
    assert seen(beside) == 3
    entries.store.rollback(caller)
    entries.set(caller, "key6", 6)
    entries.set(caller, "key7", 7)
    assert entries.keys(caller) == ["key0", "key1", "key2", "key6", "key7"]


async def test_what_others_wrote_meanwhile_is_seen_in_the_next_turn(
    entries: Entries, beside: sqlite3.Connection, caller: Caller
) -> None:
    for count in range(3):
        entries.set(caller, f"key{count}", count)
    write(beside, caller, "theirs")
    await asyncio.sleep(0)
    assert (entries.exists(caller, "theirs"), entries.keys(caller)[-1]) == (True, "theirs")


async def test_the_log_of_writes_stays_small_in_a_long_turn(tmp_path: Path, entries: Entries, caller: Caller) -> None:
    value = "x" * 100_000
    for _ in range(500):
        entries.set(caller, "key", value)
    assert (tmp_path / "state.sqlite3-wal").stat().st_size < 40 << 20, "of 50 MB that were written"


WRITER: Final = """
import asyncio, sys
from pathlib import Path
from host.trust.caller import Caller
from tests.modules.bundled import MANIFESTS
from tests.modules.test_state import NATIVE, Entries

async def main(folder):
    entries, caller = Entries(NATIVE["Database"](Path(folder))), Caller(MANIFESTS[0], Path("nowhere"))
    for count in range(100):
        entries.set(caller, f"key{count}", count)
    print("written", flush=True)
    while True:
        pass

asyncio.run(main(sys.argv[1]))
"""


async def test_a_kill_in_the_same_turn_takes_none_back(tmp_path: Path, caller: Caller) -> None:
    command = (sys.executable, "-c", WRITER, str(tmp_path))
    other = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    assert other.stdout is not None
    async with asyncio.timeout(30):
        assert await other.stdout.readline() == b"written\n"
    other.send_signal(signal.SIGKILL)
    await other.wait()
    kept: Any = Entries(NATIVE["Database"](tmp_path))
    assert len(kept.keys(caller)) == 100
    kept.store.close()
