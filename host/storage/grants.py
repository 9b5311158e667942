"""What the user granted and denied."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from host.storage.tables import transaction
from host.vocabulary.permission import Grant


class Grants:
    """The grants of all modules."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def all(self) -> tuple[Grant, ...]:
        """Oldest first."""
        rows = self._connection.execute(
            "SELECT module, versions, permission, pattern, allowed, at FROM grants ORDER BY at, rowid"
        )
        return tuple(
            Grant(
                module=module, versions=versions, permission=permission, pattern=pattern, allowed=bool(allowed), at=at
            )
            for module, versions, permission, pattern, allowed, at in rows
        )

    def replace(self, module: str, grants: Iterable[Grant]) -> None:
        """Take the place of all that was said of a module."""
        rows = [
            (each.module, each.versions, each.permission, each.pattern, each.allowed, each.at)
            for each in grants
            if each.module == module
        ]
        with transaction(self._connection):
            self._connection.execute("DELETE FROM grants WHERE module = ?", (module,))
            self._connection.executemany("INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?)", rows)
