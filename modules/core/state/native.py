"""Values and locks of modules in one sqlite database; each module has a namespace of its own."""

import asyncio
import math
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial, wraps
from pathlib import Path
from typing import Any

from host.lifecycle.native import encoded
from host.runtime.codec import decode, decode_leading, encode
from host.runtime.crossing import Crossing
from host.storage.lock import FolderLock
from host.storage.opening import is_corruption, set_aside
from host.trust.caller import Caller
from host.trust.gate import Gate
from host.vocabulary.errors import HostBusy, HostError
from host.vocabulary.globbing import matches

DATABASE = "state.sqlite3"
BUSY = 0.25  # seconds that one operation waits for other processes, and all modules with it
SWEEP = 60.0  # seconds between two looks for what has expired
LOOK = 0.05  # seconds between two looks for a lock that another process holds
WAITED = "the transaction was rolled back because it waited; nothing was changed"

Data = Any  # what crosses: None, bool, int, float, str, bytes, and lists and dictionaries of these

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    module TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, expires REAL, PRIMARY KEY (module, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_expiry ON entries (expires) WHERE expires IS NOT NULL;
CREATE TABLE IF NOT EXISTS locks (
    module TEXT NOT NULL, name BLOB NOT NULL, host TEXT NOT NULL, owner TEXT NOT NULL, expires REAL,
    PRIMARY KEY (module, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (latest REAL NOT NULL);
"""


def functions(folder: Path, _gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``."""
    state = State(folder)
    entries, locks = Entries(state), Locks(state, folder)

    def close() -> None:
        locks.close()
        state.close()

    return {
        "append": entries.append,
        "begin": state.begin,
        "clear": entries.clear,
        "close": close,
        "commit": state.commit,
        "compare_swap": entries.compare_swap,
        "delete": entries.delete,
        "exists": entries.exists,
        "get": entries.get,
        "get_ttl": entries.get_ttl,
        "increment": entries.increment,
        "keys": entries.keys,
        "list_length": entries.list_length,
        "list_pop": entries.list_pop,
        "list_push": entries.list_push,
        "lock": locks.lock,
        "notice": lambda _caller: state.notice,
        "rollback": state.rollback,
        "set": entries.set,
        "set_ttl": entries.set_ttl,
        "stats": lambda caller: state.stats(caller) | {"active_locks": locks.count(caller)},
        "try_lock": locks.try_lock,
        "unlock": locks.unlock,
    }


def told(method: Callable[..., Any]) -> Callable[..., Any]:
    """Have what sqlite refuses become a message to Lua."""

    @wraps(method)
    def call(*arguments: Data) -> Data:
        try:
            return method(*arguments)
        except sqlite3.Error as error:
            raise refused(error) from error

    return call


def refused(error: sqlite3.Error) -> OSError:
    return OSError(f"state cannot be read or written now ({error}); nothing was changed")


def raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def boot_time() -> float:
    """Seconds that go by evenly, through a suspended machine, too."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def look_through(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        damage = sqlite3.DatabaseError("database disk image is malformed")
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage


class State:
    """The database, and the time by which things in it expire.

    Attributes:
        notice: a sentence on what was found at the start, or empty.
    """

    def __init__(
        self, folder: Path, wall: Callable[[], float] = time.time, even: Callable[[], float] = boot_time
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = folder / DATABASE
        self.notice = ""
        self.connection = self._opened()
        (latest,) = self.connection.execute("SELECT coalesce(max(latest), 0) FROM seen").fetchone()
        self._even = even
        self._ahead = max(wall(), latest) - even()  # a clock that was set back must not bring back what expired
        self._swept = -math.inf
        self._transaction: Caller | None = None
        self._broken: set[Caller] = set()  # whose transaction waited, until they learn of it

    def now(self) -> float:
        return self._even() + self._ahead

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._sound()
        except sqlite3.DatabaseError as error:
            if not is_corruption(error):
                raise refused(error) from error
        aside = set_aside(self.file)
        self.notice = f"{self.file} was damaged and is now {aside.name}; state begins anew, and nothing was overwritten"
        return self._sound()

    def _sound(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=BUSY, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint = 4000")  # pages: checkpoints take a quarter of a set
            look_through(connection)
            connection.executescript(SCHEMA)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def changing(self, caller: Caller) -> Iterator[sqlite3.Connection]:
        """Read and write as one, whoever else writes; inside a transaction as a part of that."""
        self.look(caller)
        connection = self.connection
        if self._transaction is not None:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def look(self, caller: Caller) -> None:
        """Refuse what belongs to a transaction that waited, or would join another's; now and then, sweep."""
        if caller in self._broken:
            raise OSError(WAITED)
        if self._transaction is not None:
            self._of(caller)
        now = self.now()
        if now >= self._swept + SWEEP and self._transaction is None:
            self._swept = now
            self._sweep(now)

    def _sweep(self, now: float) -> None:
        self.connection.execute("DELETE FROM entries WHERE expires <= ?", (now,))
        self.connection.execute("DELETE FROM seen")
        self.connection.execute("INSERT INTO seen VALUES (?)", (now,))

    @told
    def begin(self, caller: Caller) -> bool:
        """Begin a transaction, which ends before the event loop's next turn or is rolled back."""
        if self._transaction is not None:
            raise HostError("a transaction is under way already; they do not stand inside each other")
        self.connection.execute("BEGIN IMMEDIATE")
        self._transaction = caller
        asyncio.get_running_loop().call_soon(self._waited, caller)
        return True

    def _waited(self, caller: Caller) -> None:
        if self._transaction is caller:
            self._transaction = None
            self.connection.execute("ROLLBACK")
            self._broken.add(caller)
            caller.at_end[self] = partial(self._broken.discard, caller)

    @told
    def commit(self, caller: Caller) -> bool:
        if caller in self._broken:
            self._broken.remove(caller)
            raise OSError(WAITED)
        self._of(caller)
        self._transaction = None
        try:
            self.connection.execute("COMMIT")
        except sqlite3.Error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        return True

    @told
    def rollback(self, caller: Caller) -> None:
        if caller in self._broken:
            self._broken.remove(caller)
            return
        self._of(caller)
        self._transaction = None
        if self.connection.in_transaction:  # what fails badly ends it by itself
            self.connection.execute("ROLLBACK")

    def _of(self, caller: Caller) -> None:
        """Refuse all but the module whose transaction is under way."""
        if self._transaction is not caller:
            whose = "no transaction" if self._transaction is None else f"a transaction of {self._transaction.name}"
            raise OSError(f"{whose} is under way, and this is no part of it; nothing was changed")

    @told
    def stats(self, caller: Caller) -> dict[str, Any]:
        total, expired = self.connection.execute(
            "SELECT count(*), count(CASE WHEN expires <= ? THEN 1 END) FROM entries WHERE module = ?",
            (self.now(), caller.name),
        ).fetchone()
        size = sum(part.stat().st_size for part in self.file.parent.glob(f"{DATABASE}*"))
        return {
            "total_keys": total - expired,
            "expired_keys": expired,
            "db_size_bytes": size,
            "db_path": str(self.file),
        }


class Entries:
    """Values by namespace and key, kept as the bytes in which they cross."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._connection = state.connection

    @encoded
    @told
    def get(self, caller: Caller, key: Crossing) -> Crossing:
        row = self._row(caller, key_of(key))
        return Crossing(None, None) if row is None else Crossing(1, row[0])

    @encoded
    @told
    def set(self, caller: Caller, argument: Crossing) -> Crossing:
        """Take key, seconds or nothing, and the value."""
        (key, ttl), value = split(argument)
        state = self._state
        state.look(caller)
        now = state.now()
        put(self._connection, caller, raw(key), value, None if ttl is None else now + ttl)
        return DONE

    @encoded
    @told
    def compare_swap(self, caller: Caller, argument: Crossing) -> Crossing:
        """Take key, old and new value; nothing as the old one: it must be absent, as the new one: it goes."""
        (key,), rest = split(argument, 1)
        key = raw(key)
        (old,), new = decode_leading(rest, 1)
        with self._state.changing(caller) as connection:
            row = self._row(caller, key)
            if (row is None) != (old is None) or (row is not None and not same(decode(row[0]), old)):
                return Crossing(None, False)
            if new == NOTHING:
                drop(connection, caller, key)
            else:
                put(connection, caller, key, new, row[1] if row else None)
        return Crossing(None, True)

    @encoded
    @told
    def list_push(self, caller: Caller, argument: Crossing) -> Crossing:
        (key,), value = split(argument, 1)
        key = raw(key)
        with self._state.changing(caller) as connection:
            items, expires = self._list(caller, key)
            items.append(decode(value))
            put(connection, caller, key, encode(items), expires)
        return Crossing(None, len(items))

    @told
    def list_pop(self, caller: Caller, key: str | bytes) -> Data:
        key = raw(key)
        with self._state.changing(caller) as connection:
            items, expires = self._list(caller, key)
            if not items:
                return None
            last = items.pop()
            put(connection, caller, key, encode(items), expires)
        return last

    @told
    def list_length(self, caller: Caller, key: str | bytes) -> int:
        return len(self._list(caller, raw(key))[0])

    @told
    def delete(self, caller: Caller, key: str | bytes) -> bool:
        with self._state.changing(caller) as connection:
            there = self._row(caller, raw(key)) is not None
            drop(connection, caller, raw(key))
        return there

    @told
    def exists(self, caller: Caller, key: str | bytes) -> bool:
        return self._row(caller, raw(key)) is not None

    @told
    def keys(self, caller: Caller, pattern: str | bytes = "*") -> list[bytes]:
        rows = self._connection.execute(
            "SELECT key FROM entries WHERE module = ? AND (expires IS NULL OR expires > ?) ORDER BY key",
            (caller.name, self._state.now()),
        )
        fits = matcher(raw(pattern))
        return [key for (key,) in rows if fits(key)]

    @told
    def clear(self, caller: Caller, pattern: str | bytes = "*") -> int:
        with self._state.changing(caller) as connection:
            gone = self.keys(caller, pattern)
            connection.executemany(
                "DELETE FROM entries WHERE module = ? AND key = ?", ((caller.name, key) for key in gone)
            )
        return len(gone)

    @told
    def set_ttl(self, caller: Caller, key: str | bytes, seconds: float) -> bool:
        expires = self._state.now() + seconds if seconds > 0 else None
        with self._state.changing(caller) as connection:
            if self._row(caller, raw(key)) is None:
                raise OSError(f"key not found: {shown(key)}")
            connection.execute(
                "UPDATE entries SET expires = ? WHERE module = ? AND key = ?", (expires, caller.name, raw(key))
            )
        return True

    @told
    def get_ttl(self, caller: Caller, key: str | bytes) -> float:
        row = self._row(caller, raw(key))
        if row is None:
            return -2
        return -1 if row[1] is None else row[1] - self._state.now()

    @told
    def increment(self, caller: Caller, key: str | bytes, delta: float) -> float:
        with self._state.changing(caller) as connection:
            row = self._row(caller, raw(key))
            value, expires = (0, None) if row is None else (decode(row[0]), row[1])
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise OSError(f"key {shown(key)} is not a number")
            total = float(value) + delta
            put(connection, caller, raw(key), encode(total), expires)
        return total

    @told
    def append(self, caller: Caller, key: str | bytes, text: str | bytes) -> int:
        with self._state.changing(caller) as connection:
            row = self._row(caller, raw(key))
            value, expires = ("", None) if row is None else (decode(row[0]), row[1])
            if not isinstance(value, str | bytes):
                raise OSError(f"key {shown(key)} is not a text")
            whole = raw(value) + raw(text)
            put(connection, caller, raw(key), encode(whole), expires)
        return len(whole)

    def _row(self, caller: Caller, key: bytes) -> tuple[bytes, float | None] | None:
        row: tuple[bytes, float | None] | None = self._connection.execute(
            "SELECT value, expires FROM entries WHERE module = ? AND key = ?", (caller.manifest.name, key)
        ).fetchone()
        return None if row is None or (row[1] is not None and row[1] <= self._state.now()) else row

    def _list(self, caller: Caller, key: bytes) -> tuple[list[Any], float | None]:
        row = self._row(caller, key)
        value, expires = ([], None) if row is None else (decode(row[0]), row[1])
        if value == {}:
            value = []
        if not isinstance(value, list):
            raise OSError(f"key {shown(key)} is not a list")
        return value, expires


NOTHING = encode(None)
DONE = Crossing(None, True)


def key_of(argument: Crossing) -> bytes:
    if isinstance(argument.payload, bytes) and argument.shape is None:
        return argument.payload
    return raw(argument.values()[0])  # type: ignore[arg-type] # Lua looked at it


def split(argument: Crossing, count: int = 2) -> tuple[tuple[Any, ...], bytes]:
    """The first values, and the last one as its bytes."""
    if argument.shape is None or argument.shape < 0 or not isinstance(argument.payload, bytes):
        raise HostError("the value is a function, or holds one, and functions cannot be kept")
    return decode_leading(argument.payload, count)


def put(connection: sqlite3.Connection, caller: Caller, key: bytes, value: bytes, expires: float | None) -> None:
    connection.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", (caller.name, key, value, expires))


def drop(connection: sqlite3.Connection, caller: Caller, key: bytes) -> None:
    connection.execute("DELETE FROM entries WHERE module = ? AND key = ?", (caller.name, key))


def same(one: Data, other: Data) -> bool:
    """Whether two values are equal to Lua, tables by what is in them."""
    if isinstance(one, list | dict):
        if type(one) is not type(other) or len(one) != len(other):
            return False
        pairs = one.items() if isinstance(one, dict) else enumerate(one)
        return all((isinstance(other, list) or key in other) and same(value, other[key]) for key, value in pairs)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def shown(key: str | bytes) -> str:
    return repr(key)[1:-1][:80] if isinstance(key, str) else raw(key).decode("utf-8", "replace")[:80]


def matcher(pattern: bytes) -> Callable[[bytes], bool]:
    """Whether a key is as a pattern says: ``*`` any characters, ``?`` one, all others themselves."""
    if pattern == b"*":
        return lambda _key: True
    wanted = pattern.decode("utf-8", "surrogateescape")
    return lambda key: matches(key.decode("utf-8", "surrogateescape"), wanted)


class Locks:
    """Locks by namespace and name; each is held by one instance in one host, and ends with either."""

    def __init__(self, state: State, folder: Path) -> None:
        self._state = state
        self._hosts = folder / "hosts"
        self._host = secrets.token_hex(8)
        (self._hosts / self._host).mkdir(parents=True)
        self._alive = FolderLock(self._hosts / self._host)
        self._freed = asyncio.Event()
        self._owners: dict[Caller, str] = {}

    def close(self) -> None:
        for caller in self._owners:
            caller.at_end.pop(self, None)
        with suppress(sqlite3.Error):
            self._state.connection.execute("DELETE FROM locks WHERE host = ?", (self._host,))
        self._alive.release()
        shutil.rmtree(self._hosts / self._host, ignore_errors=True)

    @told
    def try_lock(self, caller: Caller, name: str | bytes, ttl: float | None = None) -> bool:
        """Take a lock, for some seconds or until it is given back; False where somebody has it."""
        with self._state.changing(caller) as connection:
            row = connection.execute(
                "SELECT host, expires FROM locks WHERE module = ? AND name = ?", (caller.name, raw(name))
            ).fetchone()
            if row is not None and (row[1] is None or row[1] > self._state.now()) and self._lives(row[0]):
                return False
            expires = None if ttl is None else self._state.now() + ttl
            connection.execute(
                "INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?)",
                (caller.name, raw(name), self._host, self._owner(caller), expires),
            )
        return True

    async def lock(self, caller: Caller, name: str | bytes, timeout: float) -> bool:  # noqa: ASYNC109 - asked for so
        """Wait for a lock; those of other processes are looked at now and then."""
        clock = asyncio.get_running_loop().time
        end = clock() + timeout
        while not self.try_lock(caller, name):
            left = end - clock()
            if left <= 0:
                raise OSError(f"lock {shown(name)} was not free within {timeout:g} s")
            freed = self._freed
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK)):
                    await freed.wait()
        return True

    @told
    def unlock(self, caller: Caller, name: str | bytes) -> bool:
        with self._state.changing(caller) as connection:
            gone = connection.execute(
                "DELETE FROM locks WHERE module = ? AND name = ? AND owner = ?",
                (caller.name, raw(name), self._owner(caller)),
            ).rowcount
        if not gone:
            raise OSError(f"lock {shown(name)} is not held by this module")
        self._tell()
        return True

    @told
    def count(self, caller: Caller) -> int:
        (count,) = self._state.connection.execute(
            "SELECT count(*) FROM locks WHERE module = ? AND (expires IS NULL OR expires > ?)",
            (caller.name, self._state.now()),
        ).fetchone()
        return int(count)

    def _owner(self, caller: Caller) -> str:
        """The word for an instance, whose locks go with it."""
        if caller not in self._owners:
            self._owners[caller] = secrets.token_hex(8)
            caller.at_end[self] = partial(self._end, caller)
        return self._owners[caller]

    def _end(self, caller: Caller) -> None:
        owner = self._owners.pop(caller)
        with suppress(sqlite3.Error):  # it is looked at again by whoever wants it, when this process has ended
            self._state.connection.execute("DELETE FROM locks WHERE owner = ?", (owner,))
        self._tell()

    def _tell(self) -> None:
        self._freed.set()
        self._freed = asyncio.Event()

    def _lives(self, host: str) -> bool:
        """Whether a host is there, which the kernel knows: it holds a lock as long as its process runs."""
        if host == self._host:
            return True
        try:
            FolderLock(self._hosts / host).release()
        except HostBusy:
            return True
        except OSError:  # it has tidied up
            return False
        shutil.rmtree(self._hosts / host, ignore_errors=True)
        return False
