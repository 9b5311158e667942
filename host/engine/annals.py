"""What is done to modules, gathered for a moment and then written together."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from host.storage import Store, StoreThread
from host.vocabulary.states import Outcome
from host.vocabulary.views import HistoryRow

BATCH: Final = 0.05
"""Seconds that loads and unloads wait to be written together: a disk that is asked a thousand times takes seconds."""


class Annals:
    """Rows of the history on their way to the store, in the order in which things were done."""

    def __init__(self, store: StoreThread) -> None:
        self._store = store
        self._unwritten: list[tuple[str, HistoryRow]] = []
        self._writing: asyncio.TimerHandle | None = None

    def note(self, name: str, kind: str, version: str, error: str = "") -> None:
        """Take down that a module was loaded or unloaded; it is written within ``BATCH`` seconds."""
        outcome = Outcome.ROLLED_BACK if error else Outcome.COMMITTED
        row = HistoryRow(
            id=0, at=time.time(), kind=kind, from_version="", to_version=version, outcome=outcome, error=error
        )
        self._unwritten.append((name, row))
        if self._writing is None:
            self._writing = asyncio.get_running_loop().call_later(BATCH, self.write)

    def write(self) -> None:
        """Hand over what was gathered, now."""
        rows, self._unwritten = self._unwritten, []
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

        def write(store: Store) -> None:
            with store.transaction():
                for name, row in rows:
                    store.history.add(name, row)

        if rows:
            self._store.post(write)

    async def of(self, name: str) -> tuple[HistoryRow, ...]:
        """What was done to a module, newest first."""
        self.write()
        return await self._store.ask(lambda store: store.history.of(name))
