"""Where the user wants each module to run."""

from __future__ import annotations

import sqlite3
from typing import Final

from host.vocabulary.manifest import Isolation


class Isolations:
    """The user's word by module; what is not here runs as its manifest and its origin say."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def choose(self, module: str, isolation: Isolation | None) -> None:
        """Remember a choice, or forget it."""
        if isolation is None:
            self._connection.execute("DELETE FROM isolation WHERE module = ?", (module,))
        else:
            self._connection.execute(
                "INSERT OR REPLACE INTO isolation (module, isolation) VALUES (?, ?)", (module, isolation)
            )

    def all(self) -> dict[str, Isolation]:
        """By module."""
        rows = self._connection.execute("SELECT module, isolation FROM isolation")
        return {module: Isolation(isolation) for module, isolation in rows}
