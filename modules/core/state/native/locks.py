"""Locks by namespace and name; each is held by one instance of a module in one host, and ends with either."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from functools import partial
from typing import Any

from host.trust.caller import Caller

from .keys import shown
from .store import Store

LOOK = 0.05  # seconds between two looks for a lock that another process holds


class Taking:
    """A wait for a lock, and what gives that back."""

    def __init__(self, waiting: Coroutine[Any, Any, bool], undo: Callable[[], None]) -> None:
        self._waiting = waiting
        self.undo = undo

    def __await__(self) -> Generator[Any, None, bool]:
        return self._waiting.__await__()

    def close(self) -> None:
        self._waiting.close()


class Locks:
    """Who waits for locks of a store, and whose they are."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._freed = asyncio.Event()
        self._owners: dict[Caller, str] = {}

    def close(self) -> None:
        for caller in self._owners:
            caller.at_end.pop(self, None)

    def try_lock(self, caller: Caller, space: str, name: bytes, ttl: float | None = None) -> bool:
        """Take a lock, for some seconds or until it is given back; False where somebody has it."""
        return self._store.take(caller, space, name, self._owner(caller), ttl)

    def lock(self, caller: Caller, space: str, name: bytes, timeout: float) -> "Taking":
        """Wait for a lock; nobody has it where the wait is cancelled as it ends."""

        def undo() -> None:
            with suppress(OSError):  # it ended by itself
                self.unlock(caller, space, name)

        return Taking(self._taken(caller, space, name, timeout), undo)

    async def _taken(self, caller: Caller, space: str, name: bytes, timeout: float) -> bool:  # noqa: ASYNC109 - asked for so
        """Look at those of other processes now and then."""
        clock = asyncio.get_running_loop().time
        end = clock() + timeout
        while not self.try_lock(caller, space, name):
            left = end - clock()
            if left <= 0:
                raise OSError(f"lock {shown(name)} was not free within {timeout:g} s")
            freed = self._freed
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK)):
                    await freed.wait()
        return True

    def unlock(self, caller: Caller, space: str, name: bytes) -> bool:
        if not self._store.give_back(caller, space, name, self._owner(caller)):
            raise OSError(f"lock {shown(name)} is not held by this module")
        self._tell()
        return True

    def _owner(self, caller: Caller) -> str:
        """The word for an instance, whose locks go with it."""
        if caller not in self._owners:
            self._owners[caller] = secrets.token_hex(8)
            caller.at_end[self] = partial(self._end, caller)
        return self._owners[caller]

    def _end(self, caller: Caller) -> None:
        self._store.end(self._owners.pop(caller))
        self._tell()

    def _tell(self) -> None:
        self._freed.set()
        self._freed = asyncio.Event()
