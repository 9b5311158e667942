"""The store beside the event loop: one thread of its own, so that nobody waits for a disk who did not ask to."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from host.storage.store import Store
from host.vocabulary.errors import StorageUnavailable

T = TypeVar("T")


class StoreThread:
    """Runs what it is handed on one thread, in the order in which it was handed over.

    Args:
        store: used by that thread alone from now on.
        on_failure: told on the event loop when a ``post`` could not be kept; the first of a row only, so that a full
            disk is one event and not one for every checkpoint.
    """

    def __init__(self, store: Store, on_failure: Callable[[StorageUnavailable], None]) -> None:
        self._store: Final = store
        self._on_failure: Final = on_failure
        self._thread: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._failing = False

    def post(self, write: Callable[[Store], object]) -> None:
        """Hand over a write and go on; a failure reaches ``on_failure``."""
        loop = asyncio.get_running_loop()
        self._thread.submit(write, self._store).add_done_callback(
            lambda done: loop.call_soon_threadsafe(self._settle, loop, done)
        )

    async def ask(self, work: Callable[[Store], T]) -> T:
        """Do all that was handed over before, then this, and hand back its answer.

        A caller that is cancelled meanwhile leaves it to run.

        Raises:
            StorageUnavailable: sqlite refused it; nothing of it was kept.
        """
        try:
            return await asyncio.shield(asyncio.wrap_future(self._thread.submit(work, self._store)))
        except sqlite3.Error as error:
            raise self._refusal(error) from error

    async def flush(self) -> None:
        """Wait until all that was handed over is on disk, or was refused."""
        await self.ask(lambda _store: None)

    async def close(self) -> None:
        """Keep what was handed over, then close the store."""
        await self.ask(Store.close)
        self._thread.shutdown()

    def _settle(self, loop: asyncio.AbstractEventLoop, done: Future[object]) -> None:
        error = done.exception()
        if error is None:
            self._failing = False
        elif not isinstance(error, sqlite3.Error):
            loop.call_exception_handler({"message": "a write to the store failed", "exception": error})
        elif not self._failing:
            self._failing = True
            self._on_failure(self._refusal(error))

    def _refusal(self, error: sqlite3.Error) -> StorageUnavailable:
        return StorageUnavailable(self._store.data or "memory", str(error), "free some space, or use another --data")
