"""The store: its tables under one roof, one connection, one lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from host.storage.audit import Audit
from host.storage.bisections import Bisections
from host.storage.grants import Grants
from host.storage.history import History
from host.storage.isolations import Isolations
from host.storage.lock import FolderLock
from host.storage.origins import Origins
from host.storage.tables import Checkpoints, Configuration, Deaths, Session, transaction
from host.storage.version_locks import VersionLocks


class Store:
    """What the host remembers.

    Attributes:
        data: the data folder, or empty where all is forgotten at the end.
        notice: a sentence for the user about how it was opened; empty where there is nothing to say.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, data: str = "", notice: str = "", lock: FolderLock | None = None
    ) -> None:
        self._connection: Final = connection
        self._lock: Final = lock
        self.data: Final = data
        self.notice: Final = notice
        self.checkpoints: Final = Checkpoints(connection)
        self.session: Final = Session(connection)
        self.history: Final = History(connection)
        self.deaths: Final = Deaths(connection)
        self.config: Final = Configuration(connection)
        self.grants: Final = Grants(connection)
        self.origins: Final = Origins(connection)
        self.isolations: Final = Isolations(connection)
        self.bisections: Final = Bisections(connection)
        self.version_locks: Final = VersionLocks(connection)
        self.audit: Final = Audit(connection, Path(data) if data else None)

    def transaction(self) -> AbstractContextManager[None]:
        """What several tables are told within it counts together or not at all, whenever the host dies."""
        return transaction(self._connection)

    @contextmanager
    def unsynced(self) -> Iterator[None]:
        """Let what is written outlive this process, and not a power cut: nobody waits for the disk."""
        self._connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self._connection.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        self._connection.close()
        if self._lock is not None:
            self._lock.release()
