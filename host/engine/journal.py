"""Writes on their way to the store: what is done within a moment is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from host.storage import Store, StoreThread

Write = Callable[[Store], object]

BATCH: Final = 0.05
"""Seconds that writes wait to be one transaction: a disk that is asked a thousand times takes seconds."""


class Journal:
    """Keeps the order in which things were done; what is written together counts together, or not at all."""

    def __init__(self, store: StoreThread) -> None:
        self._store = store
        self._unwritten: list[Write] = []
        self._writing: asyncio.TimerHandle | None = None

    def add(self, write: Write) -> None:
        """Take a write down; it reaches the store within ``BATCH`` seconds."""
        self._unwritten.append(write)
        if self._writing is None:
            self._writing = asyncio.get_running_loop().call_later(BATCH, self.write)

    def write(self) -> None:
        """Hand over what was gathered, now."""
        writes, self._unwritten = self._unwritten, []
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

        def write(store: Store) -> None:
            with store.transaction():
                for each in writes:
                    each(store)

        if writes:
            self._store.post(write)

    async def flush(self) -> None:
        """Wait until all of it is on disk, or was refused."""
        self.write()
        await self._store.flush()
