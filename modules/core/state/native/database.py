"""Values and locks in one sqlite database, which several hosts may use.

What was read or written is known until the event loop's next turn, and further where sqlite says that nobody else wrote
meanwhile. Whoever learns of another host's write learns it in a later turn, through a lock, or by a change of its own;
all of these look anew. So nobody reads what he could know to be over.
"""

import asyncio
import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from host.runtime.crossing import Crossing
from host.trust.caller import Caller

from .hosts import Hosts
from .keys import after, matcher, prefix_of
from .lists import MARK, Lists, items_of
from .opening import opened
from .snapshot import Snapshot
from .store import Step, T, Transactions
from .watch import Tell, Watch, tell_nobody

DATABASE = "state.sqlite3"
SWEEP = 60.0  # seconds between two removals of what has expired
MOST_KNOWN = 10_000  # entries
LARGEST_KNOWN = 2048  # bytes
BOOT_TIME = getattr(time, "CLOCK_BOOTTIME", None)

F = TypeVar("F", bound=Callable[..., Any])
Known = tuple[Crossing | None, float | None]

PUT = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)"
DELETE = "DELETE FROM entries WHERE module = ? AND key = ?"
GET = "SELECT value, expires FROM entries WHERE module = ? AND key = ?"


def told(method: F) -> F:
    """Have what sqlite refuses become a message."""

    @wraps(method)
    def call(database: "Database", *arguments: Any) -> Any:  # noqa: ANN401 - as the method has it
        database.look()
        try:
            return method(database, *arguments)
        except sqlite3.Error as error:
            raise database.watch.refusal(error) from error

    return call  # type: ignore[return-value] # it has the method's arguments and answer


def boot_time() -> float:
    """Seconds that go by evenly, through a suspended machine, too."""
    return time.monotonic() if BOOT_TIME is None else time.clock_gettime(BOOT_TIME)


class Database:
    """Implements ``store.Store``.

    Attributes:
        notice: a sentence on what was found at the start, or empty.
    """

    def __init__(
        self,
        folder: Path,
        wall: Callable[[], float] = time.time,
        even: Callable[[], float] = boot_time,
        tell: Tell = tell_nobody,
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = folder / DATABASE
        self.connection, self.notice = opened(self.file)
        self.watch = Watch(self.file, even(), tell)
        if self.notice:
            tell(self.notice)
        (latest,) = self.connection.execute("SELECT coalesce(max(latest), 0) FROM seen").fetchone()
        self._even = even
        self._ahead = max(wall(), latest) - even()  # a clock that was set back must not bring back what expired
        self._sweep_at = -math.inf
        self._known: dict[tuple[str, bytes], Known] = {}
        self._version = -1
        self._looked = False
        self._snapshot = Snapshot(self.connection)
        self._lists = Lists(self.connection)
        self._transactions = Transactions(self._begin, self._commit, self._rollback)
        self._host = Hosts(folder / "hosts")

    def now(self) -> float:
        return self._even() + self._ahead

    def look(self) -> None:
        """Raise OSError where nothing can be kept any more."""
        now = self._even()
        if now >= self.watch.next:
            self.watch.look(now)

    def close(self) -> None:
        self._snapshot.let_go()
        with suppress(sqlite3.Error):
            self.connection.execute("DELETE FROM locks WHERE host = ?", (self._host.name,))
        self._host.close()
        self.connection.close()

    # -- values --

    def get(self, space: str, key: bytes) -> Crossing | None:
        """Hot: what is known costs no look into the database."""
        known = self._known.get((space, key)) if self._looked else None
        value, expires = known or self._found(space, key)
        return None if expires is not None and expires <= self.now() else value

    @told
    def left(self, space: str, key: bytes) -> float:
        known = self._known.get((space, key)) if self._looked else None
        value, expires = known or self._row(space, key)
        if value is None or (expires is not None and expires <= self.now()):
            return -2
        return -1 if expires is None else expires - self.now()

    def put(self, caller: Caller, space: str, key: bytes, value: bytes, ttl: float | None) -> None:
        self._transactions.look(caller)
        even = self._even()
        if even >= self.watch.next:
            self.watch.look(even)
        now = even + self._ahead
        if now >= self._sweep_at and self._transactions.of is None:
            self._sweep(now)
        self._put(space, key, value, None if ttl is None else now + ttl)

    @told
    def remove(self, caller: Caller, space: str, key: bytes) -> bool:
        self._transactions.look(caller)
        self._known.pop((space, key), None)
        gone = self._snapshot.write(DELETE + " RETURNING expires", (space, key)).fetchall()
        return bool(gone) and (gone[0][0] is None or gone[0][0] > self.now())

    @told
    def change(self, caller: Caller, space: str, key: bytes, step: Step[T]) -> T:
        with self._changing(caller):
            row = self.connection.execute(GET, (space, key)).fetchone()
            before, expires = self._standing(row)
            if before is not None and before.startswith(MARK):
                before = self._lists.whole(key, before)
            after_it, answer = step(before)
            if after_it is None:
                self._known.pop((space, key), None)
                self.connection.execute(DELETE, (space, key))
            elif after_it is not before:
                self._put(space, key, after_it, expires)
            return answer

    @told
    def push(self, caller: Caller, space: str, key: bytes, item: bytes) -> int:
        with self._changing(caller):
            return self._lists.push(key, self._listed(space, key), item)

    @told
    def pop(self, caller: Caller, space: str, key: bytes) -> bytes | None:
        with self._changing(caller):
            before, _ = self._standing(self.connection.execute(GET, (space, key)).fetchone())
            return None if before is None else self._lists.pop(self._listed(space, key))

    @told
    def length(self, _caller: Caller, space: str, key: bytes) -> int:
        value, _ = self._standing(self._row(space, key))
        if value is not None and value.startswith(MARK):
            return self._lists.length(value)
        return len(items_of(key, value))

    @told
    def expire(self, caller: Caller, space: str, key: bytes, ttl: float | None) -> bool:
        self._transactions.look(caller)
        now = self.now()
        self._known.pop((space, key), None)
        changed = self._snapshot.write(
            "UPDATE entries SET expires = ? WHERE module = ? AND key = ? AND (expires IS NULL OR expires > ?)",
            (None if ttl is None else now + ttl, space, key, now),
        )
        return changed.rowcount > 0

    @told
    def names(self, space: str, pattern: bytes) -> list[bytes]:
        first = prefix_of(pattern)
        behind, fits = after(first), matcher(pattern)
        rows = self.connection.execute(
            "SELECT key FROM entries WHERE module = ? AND key >= ? AND (? IS NULL OR key < ?)"
            " AND (expires IS NULL OR expires > ?) ORDER BY key",
            (space, first, behind, behind, self.now()),
        )
        return [key for (key,) in rows if fits is None or fits(key)]

    @told
    def clear(self, caller: Caller, space: str, pattern: bytes) -> int:
        with self._changing(caller):
            self._known.clear()
            gone = self.names(space, pattern)
            self.connection.executemany(DELETE, ((space, key) for key in gone))
        return len(gone)

    @told
    def stats(self, space: str) -> dict[str, Any]:
        now = self.now()
        total, expired = self.connection.execute(
            "SELECT count(*), count(CASE WHEN expires <= ? THEN 1 END) FROM entries WHERE module = ?", (now, space)
        ).fetchone()
        (locks,) = self.connection.execute(
            "SELECT count(*) FROM locks WHERE module = ? AND (expires IS NULL OR expires > ?)", (space, now)
        ).fetchone()
        return {
            "total_keys": total - expired,
            "expired_keys": expired,
            "active_locks": locks,
            "db_size_bytes": sum(part.stat().st_size for part in self.file.parent.glob(f"{DATABASE}*")),
            "db_path": str(self.file),
        }

    # -- transactions --

    @told
    def begin(self, caller: Caller) -> bool:
        return self._transactions.begin(caller)

    @told
    def commit(self, caller: Caller) -> bool:
        return self._transactions.commit(caller)

    @told
    def rollback(self, caller: Caller) -> None:
        self._transactions.rollback(caller)

    # -- locks --

    @told
    def take(self, caller: Caller, space: str, name: bytes, owner: str, ttl: float | None) -> bool:
        with self._changing(caller) as connection:
            now = self.now()
            row = connection.execute(
                "SELECT host, expires FROM locks WHERE module = ? AND name = ?", (space, name)
            ).fetchone()
            if row is not None and (row[1] is None or row[1] > now) and self._host.lives(row[0]):
                return False
            connection.execute(
                "INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?)",
                (space, name, self._host.name, owner, None if ttl is None else now + ttl),
            )
        return True

    @told
    def give_back(self, caller: Caller, space: str, name: bytes, owner: str) -> bool:
        with self._changing(caller) as connection:
            gone = connection.execute(
                "DELETE FROM locks WHERE module = ? AND name = ? AND owner = ?", (space, name, owner)
            )
            return gone.rowcount > 0

    def end(self, owner: str) -> None:
        self._snapshot.let_go()
        with suppress(sqlite3.Error):  # whoever wants it looks at it again, when this process has ended
            self.connection.execute("DELETE FROM locks WHERE owner = ?", (owner,))

    # -- the file --

    def _row(self, space: str, key: bytes) -> tuple[bytes | None, float | None]:
        """What stands in the file, expired or not."""
        row: tuple[bytes, float | None] | None = self.connection.execute(GET, (space, key)).fetchone()
        return row or (None, None)

    def _standing(self, row: tuple[bytes | None, float | None] | None) -> tuple[bytes | None, float | None]:
        """The same, where it has not expired."""
        value, expires = row or (None, None)
        return (None, None) if expires is not None and expires <= self.now() else (value, expires)

    def _listed(self, space: str, key: bytes) -> bytes:
        """What stands in place of a list that is about to change."""
        value, expires = self._standing(self._row(space, key))
        self._known.pop((space, key), None)
        if value is None or not value.startswith(MARK):
            value = self._lists.begun(space, key, value)
            self.connection.execute(PUT, (space, key, value, expires))
        return value

    def _found(self, space: str, key: bytes) -> Known:
        self.look()
        try:
            if not self._looked:
                self._look()
                known = self._known.get((space, key))
                if known is not None:
                    return known
            value, expires = self._row(space, key)
            if value is not None and value.startswith(MARK):
                value = self._lists.whole(key, value)
        except sqlite3.Error as error:
            raise self.watch.refusal(error) from error
        return self._learn(space, key, (None if value is None else Crossing(1, value), expires))

    def _learn(self, space: str, key: bytes, known: Known) -> Known:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        value = known[0]
        if value is None or len(value.payload) <= LARGEST_KNOWN:  # type: ignore[arg-type] # these bytes
            self._known[space, key] = known
        else:
            self._known.pop((space, key), None)
        return known

    def _look(self) -> None:
        """Forget what is known where somebody else wrote; what is then known holds for this turn of the event loop."""
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._known.clear()
            self._version = version
        with suppress(RuntimeError):  # no loop: each look is one of its own
            asyncio.get_running_loop().call_soon(self._turned)
            self._looked = True

    def _turned(self) -> None:
        self._looked = False

    def _put(self, space: str, key: bytes, value: bytes, expires: float | None) -> None:
        try:
            self._snapshot.write(PUT, (space, key, value, expires), len(value))
        except sqlite3.Error as error:
            self._known.pop((space, key), None)
            raise self.watch.refusal(error) from error
        self._learn(space, key, (Crossing(1, value), expires))

    @contextmanager
    def _changing(self, caller: Caller) -> Iterator[sqlite3.Connection]:
        """Read and write as one, whoever else writes; inside a transaction as a part of that."""
        if self._transactions.look(caller):
            yield self.connection
            return
        self._begin()
        try:
            yield self.connection
            self._commit()
        except BaseException:
            self._rollback()
            raise

    def _begin(self) -> None:
        self._snapshot.let_go()
        self.connection.execute("BEGIN IMMEDIATE")
        self._looked = False

    def _commit(self) -> None:
        try:
            self.connection.execute("COMMIT")
        except sqlite3.Error:
            self._rollback()
            raise

    def _rollback(self) -> None:
        self._known.clear()
        if self.connection.in_transaction:  # what fails badly ends it by itself
            self.connection.execute("ROLLBACK")

    @told
    def _sweep(self, now: float) -> None:
        self._sweep_at = now + SWEEP
        self._snapshot.let_go()
        self.connection.execute("DELETE FROM entries WHERE expires <= ?", (now,))
        self.connection.execute("DELETE FROM seen")
        self.connection.execute("INSERT INTO seen VALUES (?)", (now,))
        self._lists.sweep()
