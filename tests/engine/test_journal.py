"""What is done within a moment is one transaction, written beside the event loop and outside every pause."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from host import Host, HostError
from host.engine.journal import Journal
from host.storage import Checkpoint, Store, StoreThread, memory_store
from host.storage.opening import DATABASE_NAME
from host.vocabulary.errors import StorageUnavailable
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome
from tests.engine.place import DEADLINE, Place, kinds, lines

COUNTING = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""


class Kept:
    """A journal on a store in memory, and the failures that it told."""

    def __init__(self) -> None:
        self.failures: list[StorageUnavailable] = []
        self.store = StoreThread(memory_store(), self.failures.append)
        self.journal = Journal(self.store)

    async def modules(self) -> set[str]:
        found = await self.store.ask(lambda store: [store.checkpoints.of(name) for name in "abc"])
        return {each.module for each in found if each is not None}


@pytest.fixture
async def kept() -> AsyncIterator[Kept]:
    made = Kept()
    yield made
    await made.store.close()


def saving(name: str) -> Checkpoint:
    return Checkpoint(module=name, version="1", digest="d", state=b"s", at=1.0)


async def test_what_was_taken_down_is_written_by_itself(kept: Kept) -> None:
    kept.journal.add(lambda store: store.checkpoints.save(saving("a")))
    async with asyncio.timeout(DEADLINE):
        while await kept.modules() != {"a"}:  # noqa: ASYNC110 - what lies in the store tells no event
            await asyncio.sleep(0.01)


async def test_of_what_is_written_together_all_counts_or_nothing(kept: Kept) -> None:
    def refused(store: Store) -> None:
        store.checkpoints.save(saving("b"))
        raise sqlite3.OperationalError("the disk is full")

    kept.journal.add(lambda store: store.checkpoints.save(saving("a")))
    kept.journal.add(refused)
    await kept.journal.flush()
    kept.journal.add(lambda store: store.checkpoints.save(saving("c")))
    await kept.journal.flush()
    assert await kept.modules() == {"c"}
    assert ["the disk is full" in str(each) for each in kept.failures] == [True]


async def test_a_disk_that_takes_nothing_delays_a_swap_and_not_its_pause(place: Place) -> None:
    place.module("chat", COUNTING, folder="1")
    place.module("chat", COUNTING, "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        with closing(sqlite3.connect(place.data / DATABASE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            swapping = asyncio.create_task(host.swap("chat", "2.0.0"))
            done, _ = await asyncio.wait({swapping}, timeout=0.3)
            assert not done
            assert (await host.emit("add", 1)).delivered == 1, "it answers while the disk is waited for"
            other.execute("ROLLBACK")
        report = await swapping
        assert report.pause_s < 0.1
        assert await host.state("chat") == {"n": 1}


async def test_what_a_refused_load_did_and_undid_is_on_disk_before_it_is_refused(place: Place) -> None:
    """A crash right after it forgot what had run for a moment, and a roll-back led elsewhere than before the crash."""
    place.module("base")
    place.module("top", 'error("no")', more='[dependencies]\nbase = "*"\n')
    async with place.host() as host:
        with pytest.raises(HostError):
            await host.load("top")
        rows = await host.parts.keeping.store.ask(lambda store: store.history.of("base"))
        assert [row.kind for row in rows] == ["unload", "load"]


async def test_a_swap_goes_on_where_nothing_can_be_kept(place: Place) -> None:
    place.module("chat", COUNTING, folder="1")
    place.module("chat", COUNTING, "2.0.0", folder="2")
    place.data.write_text("in the way")
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.emit("add", 2)
        await host.swap("chat", "2.0.0")
        await host.rollback("chat")
        assert host.snapshot().modules["chat"].version == "1.0.0"
        assert kinds(host.chronicle).count(EventKind.STORAGE_FAILED) == 1


async def test_what_a_folder_that_takes_nothing_has_is_there_until_the_host_ends(place: Place) -> None:
    """All modules were gone, with their states, grants and history, which could be read."""
    for version in ("1.0.0", "2.0.0"):
        place.module("chat", COUNTING, version, folder=version, more='[permissions]\n"fs.read" = ["data/**"]\n')
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.grant("chat")
        await host.emit("add", 2)
    (place.data / "host.lock").unlink()
    (place.data / "host.lock").mkdir()
    for _ in range(2):
        async with place.host(restore=True) as host:
            (problem,) = host.snapshot().problems
            assert "is a directory; the host runs on and forgets what is new" in problem.message
            assert await host.state("chat") == {"n": 2}
            assert len(host.grants("chat")) == 1
            await host.emit("add", 3)
            await host.swap("chat", "2.0.0")
            assert (await host.rollback("chat")).to_version == "1.0.0"
            assert await host.state("chat") == {"n": 5}


async def test_what_was_under_way_when_the_engine_died_is_told_and_counts_as_never_begun(place: Place) -> None:
    place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load("chat")
        await host.parts.keeping.acts.under_way("swap", {"chat": ("1.0.0", "2.0.0")}, {})
    async with place.host(restore=True) as host:
        (told,) = [each for each in host.chronicle.events_since(0) if each.event is EventKind.SWAP_ROLLED_BACK]
        assert told.text == (
            "the swap of chat from 1.0.0 to 2.0.0 was under way when the engine died, and does not count"
        )
        row = next(each for each in await host.history("chat") if each.kind == "swap")
        assert (row.outcome, row.error) == (Outcome.ROLLED_BACK, "the engine died before it was kept")
        assert host.snapshot().modules["chat"].version == "1.0.0"


async def test_of_an_engine_that_died_the_last_change_is_told_with_all_modules_that_were_in_it(place: Place) -> None:
    """Of a transaction one module was named."""
    for name in ("chat", "desk"):
        for version in ("1.0.0", "2.0.0"):
            place.module(name, COUNTING, version, folder=version)
    left = place.data.with_name("left")
    async with place.host() as host:
        await host.load_all({"chat": "==1.0.0", "desk": "==1.0.0"})
        await host.swap({"chat": "2.0.0", "desk": "2.0.0"})
        shutil.copytree(place.data, left, ignore=shutil.ignore_patterns("*.sock"))
    async with Host([place.root], left, restore=True) as host:
        assert host.snapshot().engine.last_death.endswith(
            "; its last change, the swap of chat from 1.0.0 to 2.0.0, the swap of desk from 1.0.0 to 2.0.0, is kept"
        )


async def test_a_state_that_takes_long_to_encode_is_looked_at_seldomer(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host.engine.checkpoints.EVERY", 0.005)
    source = """local looks, M = 0, {}
M.exports = {looks = function() return looks end}
function M:getState() looks = looks + 1 WORK return {looks = looks} end
return M"""
    place.module("quick", source.replace("WORK", ""))
    place.module("slow", source.replace("WORK", "for i = 1, 3e6 do end"), more='[limits]\ncall = "10 s"\n')
    async with place.host() as host:
        await host.load_all({"quick": "", "slow": ""})
        async with asyncio.timeout(DEADLINE):
            while await host.call("quick", "looks") < 20:  # noqa: ASYNC110 - nobody is told of a look
                await asyncio.sleep(0.005)
        assert await host.call("slow", "looks") <= 2


async def test_a_fault_of_the_host_at_one_state_keeps_it_from_no_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No state of any module was kept after it."""
    monkeypatch.setattr("host.engine.checkpoints.EVERY", 0.005)
    source = """local n = 0
return {exports = {n = function() return n end}, getState = function() n = n + 1 return {n = n} end}"""
    place.module("broken", source)
    place.module("whole", source)
    async with place.host() as host:
        await host.load_all({"broken": "", "whole": ""})

        def fail() -> bytes | None:
            raise RuntimeError("broken")

        monkeypatch.setattr(host.parts.roster.get("broken"), "state", fail)
        told = "a fault of the host in keeping its state: RuntimeError: broken"
        async with asyncio.timeout(DEADLINE):
            while not any(told in line for line in lines(host.chronicle)):  # noqa: ASYNC110 - a look is no event
                await asyncio.sleep(0.005)
            before = await host.call("whole", "n")
            while await host.call("whole", "n") < before + 3:  # noqa: ASYNC110 - nobody is told of a look
                await asyncio.sleep(0.005)
        monkeypatch.undo()


async def test_what_ran_and_is_away_for_a_start_is_told_and_comes_back_with_its_folder(place: Place) -> None:
    """A start without the folder forgot that the module had run."""
    folder = place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load("chat")
        await host.emit("add", 3)
    away = folder.rename(place.root.parent / "away")
    for _ in range(2):
        async with place.host(restore=True) as host:
            (problem,) = host.snapshot().problems
            assert problem.message.startswith("chat ran when the host ended, and is in no folder of modules now")
    away.rename(folder)
    async with place.host(restore=True) as host:
        assert await host.state("chat") == {"n": 3}
        assert host.snapshot().problems == ()


async def test_what_cannot_come_back_is_forgotten_once_it_is_unloaded(place: Place) -> None:
    folder = place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load("chat")
    shutil.rmtree(folder)
    async with place.host(restore=True) as host:
        assert await host.unload("chat") == ()
        assert host.snapshot().problems == ()
    async with place.host(restore=True) as host:
        assert host.snapshot().problems == ()


async def test_a_host_that_ended_holds_no_file_of_its_data_folder(place: Place) -> None:
    """The crash marker was mapped until something collected the garbage."""
    place.module("chat")
    async with place.host() as host:
        await host.load("chat")
        assert {"engine.marker", DATABASE_NAME} <= held_in(place.data)
    assert held_in(place.data) == set()
    with pytest.raises(HostError, match="does not run"):
        await host.filter("onChat", "hi")


def held_in(folder: Path) -> set[str]:
    """Files of a folder that this process has open; one that is mapped is."""
    held = (Path(each.path) for each in psutil.Process().open_files())
    return {each.name for each in held if each.parent == folder}
