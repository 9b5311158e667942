"""At which version the user locked each module."""

from __future__ import annotations

import sqlite3
from typing import Final


class VersionLocks:
    """Versions by module; what is not here may have any."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def choose(self, module: str, version: str) -> None:
        """Remember a lock, or forget it where the version is empty."""
        if version:
            self._connection.execute(
                "INSERT OR REPLACE INTO version_locks (module, version) VALUES (?, ?)", (module, version)
            )
        else:
            self._connection.execute("DELETE FROM version_locks WHERE module = ?", (module,))

    def all(self) -> dict[str, str]:
        """By module."""
        return dict(self._connection.execute("SELECT module, version FROM version_locks"))
