"""What survives the engine: checkpoints, the session and history, kept without making anybody wait."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import Any, Final

from host.engine.annals import Annals
from host.engine.chronicle import Chronicle
from host.engine.grounds import Grounds
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.storage import Checkpoint, SessionEntry, Store, StoreThread
from host.vocabulary.errors import ModuleFault, StorageUnavailable
from host.vocabulary.events import EventKind
from host.vocabulary.states import Status
from host.vocabulary.views import HistoryRow, ProblemView, Severity

CHECKPOINT_EVERY: Final = 5.0
"""Seconds between two looks whether a state changed."""
SHARE: Final = 0.02
"""The most of an instance's time that looking may take."""
LARGEST_SNAPSHOT: Final = 1 << 20
"""Bytes of a state that the history keeps."""


class Keeping:
    """Writes what must last; reads it back at the start.

    Attributes:
        store: on its own thread.
    """

    def __init__(self, grounds: Grounds, roster: Roster, chronicle: Chronicle) -> None:
        self._grounds = grounds
        self._roster = roster
        self._chronicle = chronicle
        self.store: Final = StoreThread(grounds.store, self._failed)
        self._annals = Annals(self.store)
        self._digests: dict[str, bytes] = {}
        self._due: dict[str, float] = {}
        self._configured: frozenset[str] = frozenset()

    async def begin(self) -> tuple[SessionEntry, ...]:
        """Give the session that the engine before had."""
        self._configured = await self.store.ask(lambda store: store.config.names())
        return await self.store.ask(lambda store: store.session.entries())

    async def checkpoints(self, names: frozenset[str]) -> dict[str, Checkpoint]:
        """The last checkpoints of some modules."""

        def read(store: Store) -> dict[str, Checkpoint]:
            found = {name: store.checkpoints.of(name) for name in names}
            return {name: each for name, each in found.items() if each is not None}

        return await self.store.ask(read)

    async def settings(self, name: str) -> dict[str, Any] | None:
        """What the user configured for a module; ``None`` where nothing."""
        return await self.store.ask(lambda store: store.config.of(name)) if name in self._configured else None

    def configure(self, name: str, settings: dict[str, Any]) -> None:
        self._configured |= {name}
        self.store.post(lambda store: store.config.save(name, settings))

    def save_session(self) -> None:
        """Keep which modules are loaded now."""
        entries = self._session()
        self.store.post(lambda store: store.session.save(entries))

    def _session(self) -> list[SessionEntry]:
        return [
            SessionEntry(name=name, version=instance.version, requested=name in self._roster.requested)
            for name, instance in self._roster.active.items()
        ]

    async def flush(self) -> None:
        """Wait until all of this is on disk, so that a crash takes nothing back that was answered."""
        self._annals.write()
        await self.store.flush()

    def checkpoint(self, instance: Instance, state: bytes | None) -> None:
        """Keep a state, unless it is the one that is kept already."""
        made = self._checkpoint(instance, state)
        if made is not None:
            self.store.post(lambda store: store.checkpoints.save(made))

    def swapped(self, instance: Instance, row: HistoryRow, before: bytes | None, after: bytes | None) -> None:
        """Keep what a swap did, the version that runs now and its state: all, or nothing where the host dies first."""
        made = self._checkpoint(instance, after)
        session = self._session()
        snapshot = before if before is not None and len(before) <= LARGEST_SNAPSHOT else None

        def write(store: Store) -> None:
            with store.transaction():
                store.history.add(instance.name, row, snapshot)
                store.session.save(session)
                if made is not None:
                    store.checkpoints.save(made)

        self._annals.write()  # what was noted before stands before it
        self.store.post(write)

    def noted(self, name: str, kind: str, version: str, error: str = "") -> None:
        """Keep that a module was loaded or unloaded."""
        self._annals.note(name, kind, version, error)

    async def history(self, name: str) -> tuple[HistoryRow, ...]:
        """What was done to a module, newest first."""
        return await self._annals.of(name)

    async def watch_states(self, probe: Callable[[Instance], None]) -> None:
        """Keep each state that changed, every 5 s; of states that take long to encode, seldomer.

        Args:
            probe: called with each instance, too.
        """
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY)
            for name, instance in list(self._roster.active.items()):
                if instance.status is not Status.ACTIVE:  # gone since
                    continue
                probe(instance)
                if time.monotonic() >= self._due.get(name, 0.0):
                    self._look(name, instance)
                    await asyncio.sleep(0)

    async def end(self) -> None:
        """Keep what was handed over, and mark a clean end."""
        self._annals.write()
        await self.store.close()
        self._grounds.marker.close()

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

    def _failed(self, error: StorageUnavailable) -> None:
        self._digests.clear()  # what was refused is tried again
        self._chronicle.tell(EventKind.STORAGE_FAILED, str(error), error=str(error))
        self._chronicle.stands(
            ProblemView(
                id="storage",
                severity=Severity.ERROR,
                message=str(error),
                remedy=f"{error.remedy[:1].upper()}{error.remedy[1:]}.",
            )
        )

    def tell_unkept(self) -> None:
        """Tell, once, that nothing is kept."""
        if self._grounds.unkept is not None:
            self._failed(self._grounds.unkept)
        elif self._grounds.store.notice:
            self._chronicle.tell(EventKind.STORAGE_FAILED, self._grounds.store.notice, error=self._grounds.store.notice)
