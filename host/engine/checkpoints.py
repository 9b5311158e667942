"""Checkpoints: the last state of each module that keeps one, written without making anybody wait."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from host.engine.chronicle import Chronicle
from host.engine.journal import Journal
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.runtime.allocation import ask_for_huge_pages, give_back_freed
from host.storage import Checkpoint, Store, StoreThread
from host.vocabulary import bugs
from host.vocabulary.errors import ModuleFault, StorageUnavailable
from host.vocabulary.states import Status

EVERY: Final = 5.0
"""Seconds between two looks whether a state changed."""
SHARE: Final = 0.02
"""The most of an instance's time that looking may take."""


class Checkpoints:
    """Keeps a state where it is not the one that is kept already."""

    def __init__(self, store: StoreThread, journal: Journal, roster: Roster, chronicle: Chronicle) -> None:
        self._store = store
        self._journal = journal
        self._roster = roster
        self._chronicle = chronicle
        self._digests: dict[str, bytes] = {}
        self._due: dict[str, float] = {}
        self._unwritten: dict[str, Checkpoint | None] = {}

    async def of(self, names: frozenset[str]) -> dict[str, Checkpoint]:
        """The last ones of some modules, also where the disk has not taken them yet."""
        found = await self._store.ask(lambda store: {name: store.checkpoints.of(name) for name in names})
        self._written({name: each.at if each is not None else 0.0 for name, each in found.items()})
        found.update((name, self._unwritten[name]) for name in names & self._unwritten.keys())
        return {name: each for name, each in found.items() if each is not None}

    def _written(self, taken: Mapping[str, float]) -> None:
        """Hold no longer what is on disk; ``taken``: when the one there was taken, 0.0 where there is none."""
        for name, at in taken.items():
            held = self._unwritten.get(name)
            if (held.at if held is not None else 0.0) == at:
                self._unwritten.pop(name, None)

    def keep(self, instance: Instance, state: bytes | None) -> None:
        """Keep a state, unless it is the one that is kept already."""
        made = self.made(instance, state)
        if made is not None:
            self._journal.add(lambda store: store.checkpoints.save(made))

    def made(self, instance: Instance, state: bytes | None) -> Checkpoint | None:
        """What is to be written for a state, by whoever asks; nothing where that is kept already."""
        if state is None:
            return None
        digest = hashlib.blake2b(state, digest_size=16, key=instance.version.encode()[:64]).digest()
        if self._digests.get(instance.name) == digest:
            return None
        self._digests[instance.name] = digest
        made = self._unwritten[instance.name] = Checkpoint(
            module=instance.name,
            version=instance.version,
            digest=instance.bundle.digest,
            state=state,
            at=time.time(),
        )
        return made

    def forget(self, *names: str) -> None:
        """Have modules begin anew at their next load, too, unless something of them is kept until then."""
        for name in names:
            self._digests.pop(name, None)
            self._unwritten[name] = None

        def write(store: Store) -> None:
            for name in names:
                store.checkpoints.forget(name)

        self._journal.add(write)

    def refused(self) -> None:
        """Take it that nothing of late was written: it is tried again."""
        self._digests.clear()

    def recovered(self) -> None:
        """Hand over again what may have been given up while the disk took nothing."""
        kept = [each for each in self._unwritten.values() if each is not None]
        if kept:
            self._journal.add(lambda store: store.checkpoints.save(*kept))

    async def let_go(self) -> None:
        """Hold no longer what was written since."""
        names = tuple(self._unwritten)
        with suppress(StorageUnavailable):  # told where it could not be written
            self._written(await self._store.ask(lambda store: {name: store.checkpoints.taken(name) for name in names}))

    async def watch(self, probe: Callable[[Instance], None]) -> None:
        """Keep each state that changed, every 5 s; of states that take long to encode, seldomer. Free what can be.

        Args:
            probe: called with each instance, too.
        """
        while True:
            await asyncio.sleep(EVERY)
            await self.let_go()
            give_back_freed()
            ask_for_huge_pages(len(self._roster.active))  # where the heap grows again
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

    def _look(self, name: str, instance: Instance) -> None:
        start = time.perf_counter()
        try:
            self.keep(instance, instance.state())
        except ModuleFault as fault:
            self._roster.faulted(name, fault)
        spent = time.perf_counter() - start
        self._due[name] = time.monotonic() + max(0.0, spent / SHARE - EVERY)
