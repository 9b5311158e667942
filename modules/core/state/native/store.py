"""What a backend does: values by namespace and key, kept as the bytes in which they cross, and locks."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.vocabulary.errors import HostError

WAITED = "the transaction was rolled back because it waited; nothing was changed"

T = TypeVar("T")
Step = Callable[[bytes | None], tuple[bytes | None, T]]
"""From a value, or that there is none, to what comes in its place and what is answered."""


class Store(Protocol):
    """A backend; its methods raise OSError where it refuses.

    Attributes:
        notice: a sentence on what was found at the start, or empty.
    """

    notice: str

    def get(self, space: str, key: bytes) -> Crossing | None: ...
    def left(self, space: str, key: bytes) -> float: ...
    def put(self, caller: Caller, space: str, key: bytes, value: bytes, ttl: float | None) -> None: ...
    def remove(self, caller: Caller, space: str, key: bytes) -> bool: ...
    def change(self, caller: Caller, space: str, key: bytes, step: Step[T]) -> T:
        """Put something else in place of a value, at once for whoever else looks; its time to live stays."""
        ...

    def push(self, caller: Caller, space: str, key: bytes, item: bytes) -> int: ...
    def pop(self, caller: Caller, space: str, key: bytes) -> bytes | None: ...
    def length(self, caller: Caller, space: str, key: bytes) -> int: ...
    def expire(self, caller: Caller, space: str, key: bytes, ttl: float | None) -> bool: ...
    def names(self, space: str, pattern: bytes) -> list[bytes]: ...
    def clear(self, caller: Caller, space: str, pattern: bytes) -> int: ...
    def stats(self, space: str) -> dict[str, Any]: ...
    def begin(self, caller: Caller) -> bool: ...
    def commit(self, caller: Caller) -> bool: ...
    def rollback(self, caller: Caller) -> None: ...
    def take(self, caller: Caller, space: str, name: bytes, owner: str, ttl: float | None) -> bool: ...
    def give_back(self, caller: Caller, space: str, name: bytes, owner: str) -> bool: ...
    def end(self, owner: str) -> None: ...
    def close(self) -> None: ...


class NoStore:
    """Before ``open``, nothing can be kept."""

    notice = ""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        del name
        raise HostError("state has not begun yet; call it from init on")

    def close(self) -> None:
        """Nothing was opened."""


class Transactions:
    """Whose transaction is under way; one ends before the event loop's next turn, or is rolled back."""

    def __init__(self, begin: Callable[[], None], commit: Callable[[], None], rollback: Callable[[], None]) -> None:
        self._begin, self._commit, self._rollback = begin, commit, rollback
        self.of: Caller | None = None
        self._broken: set[Caller] = set()  # whose transaction waited, until they learn of it

    def begin(self, caller: Caller) -> bool:
        if self.of is not None:
            raise HostError("a transaction is under way already; they do not stand inside each other")
        self._begin()
        self.of = caller
        asyncio.get_running_loop().call_soon(self._waited, caller)
        return True

    def commit(self, caller: Caller) -> bool:
        if caller in self._broken:
            self._broken.remove(caller)
            raise OSError(WAITED)
        self._own(caller)
        self.of = None
        self._commit()
        return True

    def rollback(self, caller: Caller) -> None:
        if caller in self._broken:
            self._broken.remove(caller)
            return
        self._own(caller)
        self.of = None
        self._rollback()

    def look(self, caller: Caller) -> bool:
        """Refuse a change of what waited, or inside another's transaction; whether it is part of one."""
        if caller in self._broken:
            raise OSError(WAITED)
        if self.of is None:
            return False
        self._own(caller)
        return True

    def _own(self, caller: Caller) -> None:
        if self.of is not caller:
            whose = "no transaction" if self.of is None else f"a transaction of {self.of.name}"
            raise OSError(f"{whose} is under way, and this is no part of it; nothing was changed")

    def _waited(self, caller: Caller) -> None:
        if self.of is caller:
            self.of = None
            self._rollback()
            self._broken.add(caller)
            caller.at_end[self] = partial(self._broken.discard, caller)
