"""Values and locks in a Redis, which hosts on several machines share.

A change of a value is one script of the server's, tried again where somebody was quicker. A lock ends soon after its
host, which puts the end off as long as it lives. Each operation waits for the server, a quarter of a second at
most; one that cannot be reached is not asked again for a second, so that it does not hold the host.
"""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from host.runtime.crossing import Crossing
from host.trust.caller import Caller

from .keys import matcher, prefix_of
from .lists import items_of, popped, pushed
from .store import Step, T, Transactions

try:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry
except ImportError as missing:
    raise OSError("the backend redis needs a package: pip install 'theseus-host[redis]'") from missing

PATIENCE = 0.25  # seconds that one operation waits, and all modules with it
PAUSE = 1.0  # seconds in which a server that could not be reached is left alone
LEASE = 10.0  # seconds that a lock outlives its host, at most
RENEW = LEASE / 3
TRIES = 100  # to change a value that others change, too

F = TypeVar("F", bound=Callable[..., Any])

REPLACE = """
local found = redis.call('GET', KEYS[1])
if found ~= (ARGV[1] == '1' and ARGV[2]) then return 0 end
if ARGV[3] == '1' then redis.call('SET', KEYS[1], ARGV[4], 'KEEPTTL') else redis.call('DEL', KEYS[1]) end
return 1
"""
EXPIRE = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[1] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1
"""
GIVE_BACK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"
RENEWED = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end"
)


def told(method: F) -> F:
    """Have what the server refuses become a message; one that could not be reached is left alone for a while."""

    @wraps(method)
    def call(server: "Server", *arguments: Any) -> Any:  # noqa: ANN401 - as the method has it
        now = time.monotonic()
        if now < server.away_until:
            raise server.refused(server.away)
        try:
            return method(server, *arguments)
        except redis.TimeoutError as error:
            server.leave(error)
            raise OSError(
                f"redis at {server.place} did not answer in time; whether it has done it is unknown"
            ) from error
        except redis.ConnectionError as error:
            server.leave(error)
            raise server.refused(error) from error
        except redis.RedisError as error:
            raise server.refused(error) from error

    return call  # type: ignore[return-value] # it has the method's arguments and answer


class Server:
    """Implements ``store.Store``.

    Attributes:
        notice: a sentence on what was found at the start, or empty.
        place: where it is, without a password.
        away, away_until: why it could not be reached, and how long that is taken for granted.
    """

    def __init__(self, url: str, prefix: str) -> None:
        parts = urlsplit(url)
        self.place = f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path
        self.away: Exception = Exception()
        self.away_until = 0.0
        self._prefix = prefix.encode()
        try:
            self._client = redis.Redis.from_url(
                url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
            )
        except ValueError as error:
            raise OSError(f"redis = {self.place!r} is no address of a Redis: {error}") from error
        self._replace = self._client.register_script(REPLACE)
        self._expire = self._client.register_script(EXPIRE)
        self._give_back = self._client.register_script(GIVE_BACK)
        self._renewed = self._client.register_script(RENEWED)
        self._transactions = Transactions(self._begin, self._commit, self._rollback)
        self._pipeline: Any = None
        self._changed: dict[bytes, tuple[bytes | None, float | None]] = {}
        self._held: dict[bytes, tuple[bytes, float]] = {}  # by the key of each lock: its owner, and when it ends
        self._renewing: asyncio.TimerHandle | None = None
        self.notice = self._greeting()

    def _greeting(self) -> str:
        try:
            told(lambda server: server._client.ping())(self)  # noqa: SLF001 - its own
        except OSError as refusal:
            return f"{refusal}; it is tried again"
        return ""

    def refused(self, error: Exception) -> OSError:
        why = str(error).lower().rstrip(".")
        return OSError(f"state cannot be read or written now (redis at {self.place}: {why}); nothing was changed")

    def leave(self, error: Exception) -> None:
        self.away, self.away_until = error, time.monotonic() + PAUSE

    def close(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
        with suppress(OSError):
            for key, (owner, _) in list(self._held.items()):
                self._free(key, owner)
        self._client.close()

    # -- values --

    @told
    def get(self, space: str, key: bytes) -> Crossing | None:
        value = self._read(self._value(space, key))
        return None if value is None else Crossing(1, value)

    @told
    def left(self, space: str, key: bytes) -> float:
        name = self._value(space, key)
        if name in self._changed:
            value, ttl = self._changed[name]
            return -2 if value is None else -1 if ttl is None else ttl
        left = self._client.pttl(name)
        return left if left < 0 else left / 1000

    @told
    def put(self, caller: Caller, space: str, key: bytes, value: bytes, ttl: float | None) -> None:
        name = self._value(space, key)
        if self._transactions.look(caller):
            self._changed[name] = (value, ttl)
        else:
            self._client.set(name, value, px=milliseconds(ttl))

    @told
    def remove(self, caller: Caller, space: str, key: bytes) -> bool:
        name = self._value(space, key)
        if not self._transactions.look(caller):
            return bool(self._client.delete(name))
        there = self._read(name) is not None
        self._changed[name] = (None, None)
        return there

    @told
    def change(self, caller: Caller, space: str, key: bytes, step: Step[T]) -> T:
        name = self._value(space, key)
        if self._transactions.look(caller):
            before = self._read(name)
            after, answer = step(before)
            if after is not before:
                self._changed[name] = (after, self._left_of(name))
            return answer
        for _ in range(TRIES):
            before = self._client.get(name)
            after, answer = step(before)
            if after is before or self._replace(
                keys=[name], args=[int(before is not None), before or b"", int(after is not None), after or b""]
            ):
                return answer
        raise OSError("others change that key all the time; nothing was changed")

    def push(self, caller: Caller, space: str, key: bytes, item: bytes) -> int:
        return self.change(caller, space, key, pushed(key, item))

    def pop(self, caller: Caller, space: str, key: bytes) -> bytes | None:
        return self.change(caller, space, key, popped(key))

    @told
    def length(self, _caller: Caller, space: str, key: bytes) -> int:
        return len(items_of(key, self._read(self._value(space, key))))

    @told
    def expire(self, caller: Caller, space: str, key: bytes, ttl: float | None) -> bool:
        name = self._value(space, key)
        if not self._transactions.look(caller):
            return bool(self._expire(keys=[name], args=[milliseconds(ttl) or ""]))
        value = self._read(name)
        if value is not None:
            self._changed[name] = (value, ttl)
        return value is not None

    @told
    def names(self, space: str, pattern: bytes) -> list[bytes]:
        start, fits = self._value(space, b""), matcher(pattern)
        found = set(self._client.scan_iter(match=escaped(start + prefix_of(pattern)) + b"*", count=1000))
        for name, (value, _) in self._changed.items():
            if name.startswith(start + prefix_of(pattern)):
                (found.discard if value is None else found.add)(name)
        keys = (name[len(start) :] for name in found)
        return sorted(key for key in keys if fits is None or fits(key))

    @told
    def clear(self, caller: Caller, space: str, pattern: bytes) -> int:
        names = [self._value(space, key) for key in self.names(space, pattern)]
        if self._transactions.look(caller):
            self._changed.update(dict.fromkeys(names, (None, None)))
            return len(names)
        return int(self._client.delete(*names)) if names else 0

    @told
    def stats(self, space: str) -> dict[str, Any]:
        locks = self._client.scan_iter(match=escaped(self._lock(space, b"")) + b"*", count=1000)
        return {
            "total_keys": len(self.names(space, b"*")),
            "expired_keys": 0,
            "active_locks": len(set(locks)),
            "db_size_bytes": int(self._client.info("memory")["used_memory"]),
            "db_path": f"redis://{self.place}",
        }

    # -- transactions --

    @told
    def begin(self, caller: Caller) -> bool:
        return self._transactions.begin(caller)

    @told
    def commit(self, caller: Caller) -> bool:
        return self._transactions.commit(caller)

    def rollback(self, caller: Caller) -> None:
        self._transactions.rollback(caller)

    def _begin(self) -> None:
        self._client.ping()
        self._pipeline = self._client.pipeline()

    def _commit(self) -> None:
        pipeline, changed = self._pipeline, self._changed
        self._pipeline, self._changed = None, {}
        with pipeline:
            pipeline.multi()
            for name, (value, ttl) in changed.items():
                if value is None:
                    pipeline.delete(name)
                else:
                    pipeline.set(name, value, px=milliseconds(ttl))
            try:
                pipeline.execute()
            except redis.WatchError:
                raise OSError("somebody else changed what the transaction read; nothing was changed") from None

    def _rollback(self) -> None:
        pipeline, self._pipeline, self._changed = self._pipeline, None, {}
        if pipeline is not None:
            with suppress(redis.RedisError):
                pipeline.reset()

    def _read(self, name: bytes) -> bytes | None:
        if name in self._changed:
            return self._changed[name][0]
        if self._pipeline is not None:
            self._pipeline.watch(name)
        value: bytes | None = self._client.get(name)
        return value

    def _left_of(self, name: bytes) -> float | None:
        if name in self._changed:
            return self._changed[name][1]
        left = self._client.pttl(name)
        return left / 1000 if left >= 0 else None

    # -- locks --

    @told
    def take(self, caller: Caller, space: str, name: bytes, owner: str, ttl: float | None) -> bool:
        self._transactions.look(caller)
        key, word = self._lock(space, name), owner.encode()
        ends = math.inf if ttl is None else time.monotonic() + ttl
        if not self._client.set(key, word, nx=True, px=lease(ends)):
            return False
        self._held[key] = (word, ends)
        self._renew_later()
        return True

    @told
    def give_back(self, caller: Caller, space: str, name: bytes, owner: str) -> bool:
        self._transactions.look(caller)
        return self._free(self._lock(space, name), owner.encode())

    def end(self, owner: str) -> None:
        for key in [key for key, (word, _) in self._held.items() if word == owner.encode()]:
            with suppress(OSError):  # it ends by itself, with its lease
                told(lambda server, key=key: server._free(key, owner.encode()))(self)  # noqa: SLF001 - its own

    def _free(self, key: bytes, owner: bytes) -> bool:
        self._held.pop(key, None)
        return bool(self._give_back(keys=[key], args=[owner]))

    def _renew_later(self) -> None:
        if self._renewing is None:
            self._renewing = asyncio.get_running_loop().call_later(RENEW, self._renew)

    def _renew(self) -> None:
        self._renewing = None
        with suppress(OSError):  # the next time is soon
            told(Server._renew_all)(self)
        if self._held:
            self._renew_later()

    def _renew_all(self) -> None:
        for key, (owner, ends) in list(self._held.items()):
            if ends <= time.monotonic() or not self._renewed(keys=[key], args=[owner, lease(ends)]):
                del self._held[key]

    # -- names in the server --

    def _value(self, space: str, key: bytes) -> bytes:
        return b"%b:value:%b:%b" % (self._prefix, space.encode(), key)

    def _lock(self, space: str, name: bytes) -> bytes:
        return b"%b:lock:%b:%b" % (self._prefix, space.encode(), name)


def milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds * 1000))


def lease(ends: float) -> int | None:
    """Milliseconds until a lock ends, or until it is put off again."""
    return milliseconds(min(ends - time.monotonic(), LEASE))


def escaped(text: bytes) -> bytes:
    """A text as a pattern of the server's that means itself."""
    return b"".join(b"\\" + bytes((each,)) if each in b"*?[]\\" else bytes((each,)) for each in text)
