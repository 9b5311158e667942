"""What survives the engine: checkpoints, the session, history and deaths, kept without making anybody wait."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from host.engine.chronicle import Chronicle
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.storage import Checkpoint, SessionEntry, Store, StoreThread, memory_store, open_store
from host.vocabulary.errors import LeftOut, ModuleFault, StorageUnavailable
from host.vocabulary.events import EventKind
from host.vocabulary.marker import MARKER_NAME, Marker, MarkerReading, memory_marker, open_marker, read_marker
from host.vocabulary.states import Outcome
from host.vocabulary.views import HistoryRow, ProblemView, Severity

CHECKPOINT_EVERY: Final = 5.0
"""Seconds between two looks whether a state changed."""
SHARE: Final = 0.02
"""The most of an instance's time that looking may take."""
BATCH: Final = 0.05
"""Seconds that loads and unloads wait to be written together: a disk that is asked a thousand times takes seconds."""
FATAL: Final = 2
"""Deaths of the engine after which a module is left out."""
LARGEST_SNAPSHOT: Final = 1 << 20
"""Bytes of a state that the history keeps."""


class Grounds:
    """What a start finds in the data folder.

    Attributes:
        unkept: why nothing can be kept; ``None`` where it can.
        died: how the engine before ended, where it did not end cleanly.
    """

    def __init__(self, data: Path) -> None:
        """Open the folder, or what takes its place in memory.

        Raises:
            HostBusy: another host holds it.
        """
        self.unkept: StorageUnavailable | None = None
        self.died: MarkerReading | None = None
        self.store: Store = memory_store()
        self.marker: Marker = memory_marker()
        try:
            self.store = open_store(data)
            reading = read_marker(data / MARKER_NAME)
            self.died = reading if reading is not None and reading.running else None
            self.marker = open_marker(data)
        except StorageUnavailable as error:
            self.unkept = error


class Keeping:
    """Writes what must last; reads it back at the start."""

    def __init__(self, grounds: Grounds, roster: Roster, chronicle: Chronicle) -> None:
        self._grounds = grounds
        self._roster = roster
        self._chronicle = chronicle
        self._store = StoreThread(grounds.store, self._failed)
        self._digests: dict[str, bytes] = {}
        self._due: dict[str, float] = {}
        self._configured: frozenset[str] = frozenset()
        self._unwritten: list[tuple[str, HistoryRow]] = []
        self.left_out: tuple[str, ...] = ()
        self.last_death = ""

    async def begin(self) -> tuple[SessionEntry, ...]:
        """Tell of a death of the engine before, and give the session it had."""
        died = self._grounds.died
        if died is not None:
            if died.module:
                await self._store.ask(lambda store: store.deaths.add(died.module, died.phase, time.time()))
            self._tell_death(died)
        counts = await self._store.ask(lambda store: store.deaths.counts())
        self.left_out = tuple(sorted(name for name, count in counts.items() if count >= FATAL))
        self._configured = await self._store.ask(lambda store: store.config.names())
        return await self._store.ask(lambda store: store.session.entries())

    async def checkpoints(self, names: frozenset[str]) -> dict[str, Checkpoint]:
        """The last checkpoints of some modules."""

        def read(store: Store) -> dict[str, Checkpoint]:
            found = {name: store.checkpoints.of(name) for name in names}
            return {name: each for name, each in found.items() if each is not None}

        return await self._store.ask(read)

    async def settings(self, name: str) -> dict[str, Any] | None:
        """What the user configured for a module; ``None`` where nothing."""
        return await self._store.ask(lambda store: store.config.of(name)) if name in self._configured else None

    def configure(self, name: str, settings: dict[str, Any]) -> None:
        self._configured |= {name}
        self._store.post(lambda store: store.config.save(name, settings))

    def forgive(self, name: str) -> None:
        """Forget that a module took the engine with it: the user asked for it again."""
        if name in self.left_out:
            self.left_out = tuple(each for each in self.left_out if each != name)
            self._store.post(lambda store: store.deaths.forgive(name))
            self._chronicle.settled(f"left_out:{name}")

    def refuse_left_out(self, names: Iterable[str]) -> None:
        """Refuse a plan that would bring a left-out module back unasked.

        Raises:
            LeftOut: names the first.
        """
        for name in names:
            if name in self.left_out:
                raise LeftOut(name, FATAL)

    def save_session(self) -> None:
        """Keep which modules are loaded now."""
        entries = [
            SessionEntry(name=name, version=instance.version, requested=name in self._roster.requested)
            for name, instance in self._roster.active.items()
        ]
        self._store.post(lambda store: store.session.save(entries))

    def checkpoint(self, instance: Instance, state: bytes | None) -> None:
        """Keep a state, unless it is the one that is kept already."""
        made = self._checkpoint(instance, state)
        if made is not None:
            self._store.post(lambda store: store.checkpoints.save(made))

    def swapped(self, instance: Instance, row: HistoryRow, before: bytes | None, after: bytes | None) -> None:
        """Keep what a swap did and the state after it, both or neither."""
        made = self._checkpoint(instance, after)
        snapshot = before if before is not None and len(before) <= LARGEST_SNAPSHOT else None

        def write(store: Store) -> None:
            with store.transaction():
                store.history.add(instance.name, row, snapshot)
                if made is not None:
                    store.checkpoints.save(made)

        self._store.post(write)

    def noted(self, name: str, kind: str, version: str, error: str = "") -> None:
        """Keep that a module was loaded or unloaded."""
        outcome = Outcome.ROLLED_BACK if error else Outcome.COMMITTED
        row = HistoryRow(
            id=0, at=time.time(), kind=kind, from_version="", to_version=version, outcome=outcome, error=error
        )
        if not self._unwritten:
            asyncio.get_running_loop().call_later(BATCH, self._write_rows)
        self._unwritten.append((name, row))

    def _write_rows(self) -> None:
        rows, self._unwritten = self._unwritten, []

        def write(store: Store) -> None:
            with store.transaction():
                for name, row in rows:
                    store.history.add(name, row)

        if rows:
            self._store.post(write)

    async def history(self, name: str) -> tuple[HistoryRow, ...]:
        """What was done to a module, newest first."""
        self._write_rows()
        return await self._store.ask(lambda store: store.history.of(name))

    async def watch_states(self) -> None:
        """Keep each state that changed, every 5 s; of states that take long to encode, seldomer."""
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY)
            for name, instance in list(self._roster.active.items()):
                if time.monotonic() >= self._due.get(name, 0.0):
                    self._look(name, instance)
                    await asyncio.sleep(0)

    async def end(self) -> None:
        """Keep what was handed over, and mark a clean end."""
        self._write_rows()
        await self._store.close()
        self._grounds.marker.close()

    def tell_left_out(self) -> None:
        """Name the modules that took the engine with them too often."""
        for name in self.left_out:
            text = f"{name} is left out: the engine died {FATAL} times while it ran; load it to try again"
            self._chronicle.tell(EventKind.MODULE_LEFT_OUT, text, module=name)
            self._chronicle.stands(
                ProblemView(
                    id=f"left_out:{name}",
                    severity=Severity.ERROR,
                    message=text,
                    module=name,
                    remedy="Load it to try again.",
                    action="load",
                )
            )

    def tell(self, kind: EventKind, module: str, error: str) -> None:
        """Note what went wrong with a module at the start."""
        self._chronicle.tell(kind, error, module=module, error=error)

    def _look(self, name: str, instance: Instance) -> None:
        start = time.perf_counter()
        try:
            self.checkpoint(instance, instance.state())
        except ModuleFault as fault:
            self._roster.faulted(name, fault)
        spent = time.perf_counter() - start
        self._due[name] = time.monotonic() + max(0.0, spent / SHARE - CHECKPOINT_EVERY)

    def _checkpoint(self, instance: Instance, state: bytes | None) -> Checkpoint | None:
        if state is None:
            return None
        digest = hashlib.blake2b(state, digest_size=16, key=instance.version.encode()[:64]).digest()
        if self._digests.get(instance.name) == digest:
            return None
        self._digests[instance.name] = digest
        return Checkpoint(
            module=instance.name,
            version=instance.version,
            digest=instance.bundle.digest,
            state=state,
            at=time.time(),
        )

    def _tell_death(self, died: MarkerReading) -> None:
        who = f"while {died.module} {died.version} was {died.phase.words}" if died.module else "while no module ran"
        self.last_death = f"the engine before ended without a word (process {died.pid}) {who}"
        self._chronicle.tell(EventKind.ENGINE_DIED, self.last_death, module=died.module, version=died.version)

    def _failed(self, error: StorageUnavailable) -> None:
        self._digests.clear()  # what was refused is tried again
        self._chronicle.tell(EventKind.STORAGE_FAILED, str(error), error=str(error))
        self._chronicle.stands(
            ProblemView(id="storage", severity=Severity.ERROR, message=str(error), remedy="Free some space.")
        )

    def tell_unkept(self) -> None:
        """Tell, once, that nothing is kept."""
        if self._grounds.unkept is not None:
            self._failed(self._grounds.unkept)
        elif self._grounds.store.notice:
            self._chronicle.tell(EventKind.STORAGE_FAILED, self._grounds.store.notice, error=self._grounds.store.notice)
