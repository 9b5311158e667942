"""The store: its tables under one roof, one connection, one lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
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
        self,
        connection: sqlite3.Connection,
        *,
        file: Path | None = None,
        notice: str = "",
        lock: FolderLock | None = None,
    ) -> None:
        data = "" if file is None else str(file.parent)
        self._connection: Final = connection
        self._file: Final = file
        self._inode: Final = _inode(file)
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

    @property
    def removed(self) -> bool:
        """Whether the file went, or another took its place: what is written since has no name."""
        return _inode(self._file) != self._inode

    def close(self) -> None:
        """Close it; what has no name is written anew, where no other file is in its place."""
        if self._file is not None and _inode(self._file) == 0:
            with suppress(sqlite3.Error, OSError):  # its folder went, too; that it takes nothing was told
                self._write_anew(self._file)
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def _write_anew(self, file: Path) -> None:
        fresh = file.with_name(f"{file.name}.new")
        fresh.unlink(missing_ok=True)
        self._connection.execute("VACUUM INTO ?", (str(fresh),))
        self._connection.close()
        for journal in ("-wal", "-shm"):  # of what had no name, and not of the new one
            file.with_name(file.name + journal).unlink(missing_ok=True)
        fresh.replace(file)


def _inode(file: Path | None) -> int:
    """The number of a file; 0 where there is none."""
    if file is None:
        return 0
    try:
        return file.stat().st_ino
    except OSError:  # its folder may have gone, too
        return 0
