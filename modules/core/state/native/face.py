"""What Lua calls: each function looks at its arguments, and asks the store."""

import math
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from host.lifecycle.native import bare, encoded
from host.lifecycle.native_arguments import NIL, bad, number, parts_of, refused, text
from host.lifecycle.native_data import Data
from host.runtime.codec import decode, encode, encode_texts
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.vocabulary.errors import HostError
from host.vocabulary.payload import LARGEST_INT, Payload, Shape

from .keys import raw, shown
from .lists import apart_of
from .locks import Locks
from .store import NoStore, Store

LONGEST_KEY = 1024  # bytes
LONGEST_TTL = 2.0**40  # seconds
LARGEST_NUMBER = 16  # bytes
ABSENT = -2  # in place of what is left of a time to live
TIMEOUT = 30.0  # seconds that `lock` waits
SHORT_TEXT, LONG_TEXT = 0x20, 0xE0  # between them, one byte says that a text follows and how long it is
NOTHING = Crossing(None, None)
DONE = Crossing(None, True)

Checked = Callable[..., Crossing | tuple[Shape, Payload] | Awaitable[Any]]


class Held:
    """The store, from ``open`` on, and its locks."""

    def __init__(self, store: NoStore) -> None:
        self.store: Store = store  # type: ignore[assignment] # refuses all
        self.locks: Locks | None = None

    def close(self) -> None:
        if self.locks is not None:
            self.locks.close()
        self.store.close()


class Face:
    """The functions on the namespace that a caller has, in ``space_of``."""

    def __init__(self, held: Held, space_of: Callable[[Caller], str]) -> None:
        self._held = held
        self._space = space_of

    def functions(self) -> dict[str, Checked]:
        """By the names of the exports."""
        return {
            "append": self._keyed(self._append, "append", text),
            "begin": self._plain(self._begin),
            "clear": self._plain(self._clear, 1),
            "commit": self._plain(self._commit),
            "compare_swap": self.compare_swap,
            "decrement": self._keyed(partial(self._add, -1), "decrement", delta),
            "delete": self._keyed(self._remove, "delete"),
            "exists": self._keyed(self._exists, "exists"),
            "get": self.get,
            "get_ttl": self._keyed(self._left, "get_ttl"),
            "increment": self._keyed(partial(self._add, 1), "increment", delta),
            "keys": self.keys,
            "list_length": self._keyed(self._length, "list_length"),
            "list_pop": self.list_pop,
            "list_push": self.list_push,
            "lock": self._keyed(self._lock, "lock", seconds),
            "rollback": self._plain(self._rollback),
            "set": self.set,
            "set_ttl": self._keyed(self._expire, "set_ttl", seconds_left),
            "stats": self._plain(self._stats),
            "try_lock": self._keyed(self._try_lock, "try_lock", seconds),
            "unlock": self._keyed(self._unlock, "unlock"),
        }

    # -- what keeps values as the bytes in which they cross --

    @bare
    def get(self, caller: Caller, shape: Shape, key: Data) -> tuple[Shape, Payload]:
        """Take key and default."""
        default = NOTHING
        if shape is not None:
            parts = parts_of(Crossing(shape, key), 2)
            key, default = decode(parts[0]), Crossing(1, parts[1])
        if type(key) is not bytes or not 0 < len(key) <= LONGEST_KEY:
            key = key_of(key, "get")
        return self._held.store.get(self._space(caller), key) or default

    @bare
    def set(self, caller: Caller, shape: Shape, payload: Data) -> tuple[Shape, Payload]:
        """Take key, value and seconds; no value: it goes."""
        if shape == 2 and SHORT_TEXT <= payload[0] < LONG_TEXT:
            end = payload[0] - SHORT_TEXT + 1  # a short key, and nothing but a value
            key, value, ttl = key_of(payload[1:end], "set"), payload[end:], None
        else:
            parts = parts_of(Crossing(shape, payload), 3)
            key, value, ttl = key_of(decode(parts[0]), "set"), parts[1], seconds(decode(parts[2]), 3, "set")
        if value == NIL:
            self._held.store.remove(caller, self._space(caller), key)
        else:
            self._held.store.put(caller, self._space(caller), key, value, ttl)
        return DONE

    @encoded
    def compare_swap(self, caller: Caller, argument: Crossing) -> Crossing:
        """Take key, old and new value; nothing as the old one: it must be absent, as the new one: it goes."""
        parts = parts_of(argument, 3)
        key, new = key_of(decode(parts[0]), "compare_swap"), None if parts[2] == NIL else parts[2]
        old = decode(apart_of(key, parts[1]))

        def step(value: bytes | None) -> tuple[bytes | None, bool]:
            if (value is None) != (old is None) or (value is not None and not alike(key, value, parts[1], old)):
                return value, False
            return new, True

        return Crossing(None, self._held.store.change(caller, self._space(caller), key, step))

    @encoded
    def list_push(self, caller: Caller, argument: Crossing) -> Crossing:
        """Take key and value: how long the list then is."""
        key, item = parts_of(argument, 2)
        name = key_of(decode(key), "list_push")
        if item == NIL:
            raise bad(2, "list_push", "value")
        return Crossing(None, self._held.store.push(caller, self._space(caller), name, item))

    # -- what has plain arguments --

    def _keyed(
        self, body: Callable[..., Any], where: str, check: Callable[[Data, int, str], Any] | None = None
    ) -> Checked:
        """Check the key and what comes after it."""

        @encoded
        def call(caller: Caller, argument: Crossing) -> Crossing | Awaitable[Any]:
            values = argument.values()
            key = key_of(values[0], where)
            if check is None:
                answer = body(caller, self._space(caller), key)
            else:
                answer = body(caller, self._space(caller), key, check(values[1] if len(values) > 1 else None, 2, where))
            return answer if hasattr(answer, "__await__") else Crossing.of(answer)

        return call

    def _plain(self, body: Callable[..., Any], most: int = 0) -> Checked:
        """Hand on so many arguments."""

        @encoded
        def call(caller: Caller, argument: Crossing) -> Crossing:
            return Crossing.of(body(caller, *argument.values()[:most]))

        return call

    def _begin(self, caller: Caller) -> bool:
        return self._held.store.begin(caller)

    def _commit(self, caller: Caller) -> bool:
        return self._held.store.commit(caller)

    def _rollback(self, caller: Caller) -> None:
        self._held.store.rollback(caller)

    def _stats(self, caller: Caller) -> Data:
        return self._held.store.stats(self._space(caller))

    @encoded
    def keys(self, caller: Caller, argument: Crossing) -> Crossing:
        """Take a pattern."""
        pattern = pattern_of(argument.values()[0], "keys")
        return Crossing(1, encode_texts(self._held.store.names(self._space(caller), pattern)))

    def _clear(self, caller: Caller, pattern: Data = None) -> int:
        return self._held.store.clear(caller, self._space(caller), pattern_of(pattern, "clear"))

    def _remove(self, caller: Caller, space: str, key: bytes) -> bool:
        return self._held.store.remove(caller, space, key)

    def _exists(self, _caller: Caller, space: str, key: bytes) -> bool:
        return self._held.store.left(space, key) != ABSENT

    def _left(self, _caller: Caller, space: str, key: bytes) -> float:
        return self._held.store.left(space, key)

    def _expire(self, caller: Caller, space: str, key: bytes, ttl: float | None) -> bool:
        if not self._held.store.expire(caller, space, key, ttl):
            raise OSError(f"key not found: {shown(key)}")
        return True

    def _add(self, sign: int, caller: Caller, space: str, key: bytes, amount: float) -> float:
        def step(before: bytes | None) -> tuple[bytes, float]:
            value = 0 if before is None else decode(before) if len(before) <= LARGEST_NUMBER else None
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise OSError(f"key {shown(key)} is not a number")
            total = float(value) + sign * amount
            if inexact(value, sign * amount, total):
                raise OSError(f"key {shown(key)} would be beyond 2^53, where numbers are counted by twos; it stays")
            return encode(total), total

        return self._held.store.change(caller, space, key, step)

    def _append(self, caller: Caller, space: str, key: bytes, more: bytes) -> int:
        def step(before: bytes | None) -> tuple[bytes, int]:
            value = b"" if before is None else decode(before) if before[0] >= SHORT_TEXT else None
            if not isinstance(value, str | bytes):
                raise OSError(f"key {shown(key)} is not a text")
            whole = raw(value) + more
            return encode(whole), len(whole)

        return self._held.store.change(caller, space, key, step)

    @encoded
    def list_pop(self, caller: Caller, argument: Crossing) -> Crossing:
        """Take a key: the last item of its list."""
        key = key_of(argument.values()[0], "list_pop")
        item = self._held.store.pop(caller, self._space(caller), key)
        return NOTHING if item is None else Crossing(1, item)

    def _length(self, caller: Caller, space: str, key: bytes) -> int:
        return self._held.store.length(caller, space, key)

    # -- locks --

    def _try_lock(self, caller: Caller, space: str, name: bytes, ttl: float | None) -> bool:
        return self._locks.try_lock(caller, space, name, ttl)

    def _lock(self, caller: Caller, space: str, name: bytes, timeout: float | None) -> Awaitable[bool]:
        return self._locks.lock(caller, space, name, TIMEOUT if timeout is None else timeout)

    def _unlock(self, caller: Caller, space: str, name: bytes) -> bool:
        return self._locks.unlock(caller, space, name)

    @property
    def _locks(self) -> Locks:
        if self._held.locks is None:
            raise HostError("state has not begun yet; call it from init on")
        return self._held.locks


# -- arguments --


def key_of(value: Data, where: str) -> bytes:
    key = text(value, 1, where)
    if not 0 < len(key) <= LONGEST_KEY:
        raise refused(1, where, f"1 to {LONGEST_KEY} bytes")
    return key


def pattern_of(value: Data, where: str) -> bytes:
    return b"*" if value is None else text(value, 1, where)


def delta(value: Data, position: int, where: str) -> float:
    found = 1 if value is None else number(value, position, where)
    if math.isnan(found):
        raise refused(position, where, "a number, and no NaN,")
    return found


def seconds(value: Data, position: int, where: str) -> float | None:
    if value is None:
        return None
    found = number(value, position, where, "seconds")
    if not 0 < found <= LONGEST_TTL:
        raise refused(position, where, "seconds above 0 and up to 2^40")
    return found


def seconds_left(value: Data, position: int, where: str) -> float | None:
    found = number(value, position, where)
    if not found <= LONGEST_TTL:
        raise refused(position, where, "seconds up to 2^40")
    return found if found > 0 else None


# -- values --


def inexact(value: float, amount: float, total: float) -> bool:
    """Whether a sum of whole numbers goes beyond those that count on by one, or is no number at all."""
    whole = float(value).is_integer() and float(amount).is_integer()
    return math.isnan(total) or (whole and abs(int(value) + int(amount)) > LARGEST_INT)


def alike(key: bytes, value: bytes, wanted: bytes, old: Data) -> bool:
    """Whether a value is the one that is wanted, which was taken apart."""
    return value == wanted or same(decode(apart_of(key, value)), old)


def same(one: Data, other: Data) -> bool:
    """Whether two values are equal to Lua, tables by what is in them."""
    if isinstance(one, list | dict):
        if type(one) is not type(other) or len(one) != len(other):
            return False
        pairs = one.items() if isinstance(one, dict) else enumerate(one)
        return all((isinstance(other, list) or key in other) and same(value, other[key]) for key, value in pairs)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
