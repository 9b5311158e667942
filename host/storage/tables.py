"""One small class for each table; every method is whole or did nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from host.vocabulary.states import Phase


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the body or nothing of it; within another transaction it is a part of that one.

    The connection is in autocommit mode (``isolation_level=None``).
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        connection.rollback()  # does nothing after a commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state a module comes back with.

    Attributes:
        digest: of the module's files, as they were when the state was taken.
        state: as the module's runtime encoded it.
        at: seconds since the Unix epoch.
    """

    module: str
    version: str
    digest: str
    state: bytes
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEntry:
    """A module that was loaded; ``requested`` by the user, else for another that needs it."""

    name: str
    version: str
    requested: bool


class Checkpoints:
    """The last checkpoint of each module."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def save(self, *checkpoints: Checkpoint) -> None:
        """Take the place of the earlier checkpoints of these modules, all at once."""
        with transaction(self._connection):
            self._connection.executemany(
                "INSERT OR REPLACE INTO checkpoints (module, version, digest, state, at) VALUES (?, ?, ?, ?, ?)",
                [(each.module, each.version, each.digest, each.state, each.at) for each in checkpoints],
            )

    def forget(self, module: str) -> None:
        self._connection.execute("DELETE FROM checkpoints WHERE module = ?", (module,))

    def taken(self, module: str) -> float:
        """When the last one was taken, seconds since the Unix epoch; 0.0 where there is none."""
        row = self._connection.execute("SELECT at FROM checkpoints WHERE module = ?", (module,)).fetchone()
        return 0.0 if row is None else float(row[0])

    def of(self, module: str) -> Checkpoint | None:
        row = self._connection.execute(
            "SELECT version, digest, state, at FROM checkpoints WHERE module = ?", (module,)
        ).fetchone()
        if row is None:
            return None
        version, digest, state, at = row
        return Checkpoint(module=module, version=version, digest=digest, state=state, at=at)


class Session:
    """Which modules are loaded, in load order."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def save(self, entries: Iterable[SessionEntry]) -> None:
        """Take the place of the whole session before."""
        rows = [(place, each.name, each.version, each.requested) for place, each in enumerate(entries)]
        with transaction(self._connection):
            self._connection.execute("DELETE FROM session")
            self._connection.executemany(
                "INSERT INTO session (place, name, version, requested) VALUES (?, ?, ?, ?)", rows
            )

    def entries(self) -> tuple[SessionEntry, ...]:
        rows = self._connection.execute("SELECT name, version, requested FROM session ORDER BY place")
        return tuple(
            SessionEntry(name=name, version=version, requested=bool(requested)) for name, version, requested in rows
        )


class Deaths:
    """Which modules were being entered when the engine died."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def add(self, module: str, phase: Phase, at: float, *, hung: bool = False) -> None:
        """Remember one; ``hung``: the engine was stuck there, and ended for it."""
        self._connection.execute(
            "INSERT INTO deaths (module, phase, at, hung) VALUES (?, ?, ?, ?)", (module, int(phase), at, hung)
        )

    def counts(self) -> dict[str, int]:
        """How often each module took the engine with it, since it was last forgiven."""
        return dict(self._connection.execute("SELECT module, count(*) FROM deaths GROUP BY module"))

    def hung(self) -> frozenset[str]:
        """Modules in which an engine was stuck, since they were last forgiven."""
        return frozenset(name for (name,) in self._connection.execute("SELECT module FROM deaths WHERE hung"))

    def fade(self, before: float, fewest: int) -> None:
        """Forget what was that long ago (seconds of the epoch) of modules that have fewer than some and never hung."""
        self._connection.execute(
            "DELETE FROM deaths WHERE at < ?"
            " AND module IN (SELECT module FROM deaths GROUP BY module HAVING count(*) < ? AND NOT max(hung))",
            (before, fewest),
        )

    def forgive(self, module: str) -> None:
        self._connection.execute("DELETE FROM deaths WHERE module = ?", (module,))


class Configuration:
    """What the user set for each module."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def save(self, module: str, settings: dict[str, Any]) -> None:
        """Remember what JSON can say.

        Raises:
            ValueError: for NaN and infinities, which JSON has not.
            TypeError: for what is no JSON at all.
        """
        text = json.dumps(settings, ensure_ascii=False, allow_nan=False)
        self._connection.execute("INSERT OR REPLACE INTO config (module, json) VALUES (?, ?)", (module, text))

    def of(self, module: str) -> dict[str, Any] | None:
        row = self._connection.execute("SELECT json FROM config WHERE module = ?", (module,)).fetchone()
        if row is None:
            return None
        settings: dict[str, Any] = json.loads(row[0])
        return settings

    def names(self) -> frozenset[str]:
        """Modules for which the user set anything."""
        return frozenset(name for (name,) in self._connection.execute("SELECT module FROM config"))
