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
Write = Callable[[Store], object]

AGAIN: Final = 5.0
"""Seconds after which what the disk did not take is tried again."""
MOST: Final = 200
"""Writes that wait for that; of more, the oldest are given up."""
_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
    }
)


def _nothing() -> None:
    """Tell nobody."""


class _Removed(sqlite3.OperationalError):
    """The file was removed, or replaced by another."""


class StoreThread:
    """Runs what it is handed on one thread, in the order in which it was handed over.

    Args:
        store: used by that thread alone from now on.
        on_failure: told on the event loop when a ``post`` could not be kept; the first of a row only, so that a full
            disk is one event and not one for every checkpoint.
        on_recovery: told there when all that waited since then is kept.
    """

    def __init__(
        self,
        store: Store,
        on_failure: Callable[[StorageUnavailable], None],
        on_recovery: Callable[[], None] = _nothing,
    ) -> None:
        self._store: Final = store
        self._on_failure: Final = on_failure
        self._on_recovery: Final = on_recovery
        self._thread: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._waiting: list[Write] = []  # touched on that thread alone
        self._failing = False
        self._closing = False
        self._again: asyncio.TimerHandle | None = None

    def post(self, write: Write) -> None:
        """Hand over a write and go on; what the disk does not take now waits, in its place, and is tried again."""
        self._submit(lambda: self._waiting.append(write))

    def _submit(self, prepare: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()

        def work() -> None:
            prepare()
            self._catch_up()
            if self._store.removed:
                raise _Removed

        self._thread.submit(work).add_done_callback(lambda done: loop.call_soon_threadsafe(self._settle, loop, done))

    def _catch_up(self) -> None:
        """Do what waits, oldest first, as far as the disk takes it; what can never be done is dropped and raised."""
        failed: Exception | None = None
        while self._waiting:
            try:
                self._waiting[0](self._store)
            except Exception as error:  # noqa: BLE001 - told by whoever looks at how this ended
                failed = failed or error
                if _passes(error):
                    del self._waiting[:-MOST]
                    break
            del self._waiting[0]
        if failed is not None:
            raise failed

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

    async def try_now(self) -> None:
        """Try what waits once more, and wait for what comes of it."""
        self._submit(_nothing)
        await self.flush()

    async def close(self) -> None:
        """Keep what was handed over, then close the store."""
        self._closing = True
        if self._again is not None:
            self._again.cancel()
        await self.try_now()
        await self.ask(Store.close)
        self._thread.shutdown()

    def _settle(self, loop: asyncio.AbstractEventLoop, done: Future[None]) -> None:
        error = done.exception()
        if error is None:
            if self._failing:
                self._on_recovery()
            self._failing = False
        elif not isinstance(error, sqlite3.Error):
            loop.call_exception_handler({"message": "a write to the store failed", "exception": error})
        else:
            if not self._failing:
                self._on_failure(self._refusal(error))
            self._failing = True
            if self._again is None and not self._closing:
                self._again = loop.call_later(AGAIN, self._try_again)

    def _try_again(self) -> None:
        self._again = None
        self._submit(_nothing)

    def _refusal(self, error: sqlite3.Error) -> StorageUnavailable:
        if isinstance(error, _Removed):
            return StorageUnavailable(
                self._store.data,
                "its database was removed or replaced while the host runs",
                "put it back, or end the host",
                "the host runs on, and writes a new one when it ends if none is there then",
            )
        return StorageUnavailable(self._store.data or "memory", str(error), "free some space, or use another --data")


def _passes(error: Exception) -> bool:
    """Whether the same write may go well later, as when a disk is full."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING
