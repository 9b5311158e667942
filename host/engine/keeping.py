"""What survives the engine: checkpoints, the session and history, kept without making anybody wait."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from host.engine.chronicle import Chronicle
from host.engine.grounds import Grounds
from host.engine.journal import Journal
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.runtime.allocation import give_back_freed
from host.storage import (
    Act,
    Checkpoint,
    Point,
    SessionEntry,
    Store,
    StoreThread,
    digest_of_code,
    packed_code,
)
from host.vocabulary import bugs
from host.vocabulary.errors import ModuleFault, StorageUnavailable
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome, Status
from host.vocabulary.views import HistoryRow, ProblemView, Severity

T = TypeVar("T")

CHECKPOINT_EVERY: Final = 5.0
"""Seconds between two looks whether a state changed."""
SHARE: Final = 0.02
"""The most of an instance's time that looking may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one module in a swap, reload or roll-back.

    Attributes:
        instance: who serves now.
        row: for the history; its id is given here.
        before, after: the state before and after; ``None`` where there is none, or nothing was changed.
    """

    instance: Instance
    row: HistoryRow
    before: bytes | None = None
    after: bytes | None = None


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
        self._journal = Journal(self.store)
        self._under_way: dict[str, tuple[int, Point | None]] = {}
        self._digests: dict[str, bytes] = {}
        self._due: dict[str, float] = {}
        self._configured: frozenset[str] = frozenset()

    async def begin(self) -> tuple[SessionEntry, ...]:
        """Give the session that the engine before had."""
        self._configured = await self.store.ask(lambda store: store.config.names())
        self._roster.trail.begin(*await self.store.ask(lambda store: (store.history.points(), store.history.last_id())))
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
        self._journal.add(lambda store: store.session.save(entries))

    def _session(self) -> list[SessionEntry]:
        return [
            SessionEntry(name=name, version=instance.version, requested=name in self._roster.requested)
            for name, instance in self._roster.active.items()
        ]

    async def flush(self) -> None:
        """Wait until all of this is on disk, so that a crash takes nothing back that was answered."""
        await self._journal.flush()

    def checkpoint(self, instance: Instance, state: bytes | None) -> None:
        """Keep a state, unless it is the one that is kept already."""
        made = self._checkpoint(instance, state)
        if made is not None:
            self._journal.add(lambda store: store.checkpoints.save(made))

    def forget_checkpoints(self, *names: str) -> None:
        """Have modules begin anew at their next load, too, unless something of them is kept until then."""
        for name in names:
            self._digests.pop(name, None)

        def write(store: Store) -> None:
            for name in names:
                store.checkpoints.forget(name)

        self._journal.add(write)

    async def under_way(self, kind: str, versions: Mapping[str, tuple[str, str]], to: Mapping[str, Point]) -> None:
        """Write down what is about to happen, so that the next start can say of it that it did not.

        Args:
            kind: as in HistoryRow.
            versions: from which to which, by module.
            to: of a roll-back, where it leads each.
        """
        acts = []
        for name, (before, after) in versions.items():
            self._under_way[name] = (self._roster.trail.next_id(), to.get(name))
            row = _row(self._under_way[name][0], kind, before, after, Outcome.UNDER_WAY)
            acts.append(Act(module=name, row=row))

        def write(store: Store) -> None:
            with store.unsynced():
                store.history.add(*acts)

        self._journal.write()  # what was done before stands before it
        self.store.post(write)
        await self.store.flush()

    def swapped(self, *changes: Change) -> None:
        """Keep what a swap did, the versions that run now and their states: all, or nothing where the host dies."""
        acts = [self._act(each) for each in changes]
        made = [self._checkpoint(each.instance, each.after) for each in changes]
        session = self._session()

        def write(store: Store) -> None:
            store.history.add(*acts)
            store.session.save(session)
            store.checkpoints.save(*(each for each in made if each is not None))

        self._journal.add(write)
        self._journal.write()

    def loaded(self, instance: Instance, *, fresh: bool) -> None:
        """Keep that a module was loaded; the state that it did not take over, with the code that had it."""
        act = self._act(Change(instance=instance, row=_row(0, "load", "", instance.version, Outcome.COMMITTED)))

        def write(store: Store) -> None:
            passed = store.checkpoints.of(act.module) if fresh or act.code else None
            store.history.add(replace(act, before=passed.state if passed is not None else None))

        self._journal.add(write)

    def failed(self, name: str, version: str, error: str) -> None:
        """Keep that a module did not load."""
        row = _row(self._roster.trail.next_id(), "load", "", version, Outcome.ROLLED_BACK, error)
        self._journal.add(lambda store: store.history.add(Act(module=name, row=row)))

    def unloaded(self, name: str, version: str) -> None:
        """Keep that a module was unloaded."""
        row = _row(self._roster.trail.next_id(), "unload", "", version, Outcome.COMMITTED)
        self._journal.add(lambda store: store.history.add(Act(module=name, row=row)))

    async def ask(self, work: Callable[[Store], T]) -> T:
        """Read what is kept, after all that was done before is written.

        Raises:
            StorageUnavailable: it cannot be read.
        """
        self._journal.write()
        return await self.store.ask(work)

    async def watch_states(self, probe: Callable[[Instance], None]) -> None:
        """Keep each state that changed, every 5 s; of states that take long to encode, seldomer. Free what can be.

        Args:
            probe: called with each instance, too.
        """
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY)
            give_back_freed()
            for name, instance in list(self._roster.active.items()):
                if instance.status not in {Status.ACTIVE, Status.QUARANTINED}:  # gone since
                    continue
                try:
                    probe(instance)
                    if time.monotonic() >= self._due.get(name, 0.0):
                        self._look(name, instance)
                        await asyncio.sleep(0)
                except Exception as mistake:  # noqa: BLE001 - the host's own; the other modules are looked at
                    self._chronicle.log(name, "error", bugs.told("keeping its state", mistake))

    async def end(self) -> None:
        """Keep what was handed over, and mark a clean end."""
        self._journal.write()
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

    def _act(self, change: Change) -> Act:
        """Give a row its number, and the code that it brought, if it brought other code."""
        instance, name = change.instance, change.instance.name
        row_id, to = self._under_way.pop(name) if name in self._under_way else (self._roster.trail.next_id(), None)
        act = Act(module=name, row=replace(change.row, id=row_id), before=change.before)
        manifest, bundle = instance.manifest, instance.bundle
        code, current = digest_of_code(manifest, bundle), self._roster.trail.current(name)
        if change.row.outcome is not Outcome.COMMITTED or (current is not None and current.code == code):
            return act
        back = to.back if to is not None else current.id if current is not None else 0
        point = Point(id=row_id, kind=change.row.kind, code=code, version=instance.version, back=back, at=change.row.at)
        self._roster.trail.add(name, point)
        return replace(act, code=code, back=back, pack=lambda: packed_code(manifest, bundle))

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


def _row(row_id: int, kind: str, before: str, after: str, outcome: Outcome, error: str = "") -> HistoryRow:
    return HistoryRow(
        id=row_id, at=time.time(), kind=kind, from_version=before, to_version=after, outcome=outcome, error=error
    )
