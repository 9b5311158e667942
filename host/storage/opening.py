"""From a data folder to a store: made, locked, looked over, brought to this version; or refused, untouched."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from host.storage.lock import FolderLock
from host.storage.schema import SCHEMA_VERSION, schema_version, upgrade
from host.storage.store import Store
from host.vocabulary.errors import StorageUnavailable

DATABASE_NAME: Final = "theseus.sqlite3"
CORRUPT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
CHECKED_WHOLE: Final = 8 << 20
"""Bytes up to which a file is looked through at each start: some 10 ms; larger ones show their damage when read."""


def open_store(folder: Path) -> Store:
    """Open the store of a data folder and hold the folder until it is closed.

    A database that cannot be read is set aside under another name; ``notice`` of the store says so.

    Raises:
        HostBusy: another host holds the folder.
        StorageUnavailable: nothing can be kept there, or a newer version wrote it; what lies there is as it was.
    """
    try:
        with ExitStack() as undo:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FolderLock(folder)
            undo.callback(lock.release)
            connection, notice = _sound_connection(folder / DATABASE_NAME)
            undo.pop_all()
    except sqlite3.Error as error:
        raise StorageUnavailable(str(folder), f"{DATABASE_NAME}: {error}") from error
    except OSError as error:
        raise StorageUnavailable(str(folder), (error.strerror or str(error)).lower()) from error
    return Store(connection, file=folder / DATABASE_NAME, notice=notice, lock=lock)


def memory_store(folder: Path | None = None) -> Store:
    """Make a store with the same interface that forgets all when it is closed.

    Args:
        folder: of which it knows what can be read there.
    """
    connection = _copied(folder / DATABASE_NAME) if folder is not None else _connect(":memory:")
    upgrade(connection)
    return Store(connection)


def _copied(file: Path) -> sqlite3.Connection:
    """What a database says, in memory; nothing where it cannot be read, or a newer version wrote it."""
    copy = _connect(":memory:")
    try:
        with TemporaryDirectory() as scratch:  # sqlite needs to write beside a journal that it is to read
            for part in (file, file.with_name(f"{file.name}-wal")):
                if part.exists():
                    shutil.copy(part, scratch)
            found = Path(scratch, file.name)
            if found.exists():
                _refuse_newer(found)
                with closing(_connect(found)) as reading:
                    _look_through(reading, found)
                    reading.backup(copy)
    except (sqlite3.Error, OSError, StorageUnavailable):  # that nothing can be kept is told, and why
        copy.close()
        return _connect(":memory:")
    return copy


def _sound_connection(file: Path) -> tuple[sqlite3.Connection, str]:
    try:
        return _upgraded(file), ""
    except sqlite3.DatabaseError as error:
        if not is_corruption(error):
            raise
    aside = set_aside(file)
    notice = f"{file} was damaged and is now {aside.name}; the host began a new one, without saved states and history"
    return _upgraded(file), notice


def is_corruption(error: sqlite3.Error) -> bool:
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF  # the upper bits say more exactly what
    return primary in CORRUPT


def _upgraded(file: Path) -> sqlite3.Connection:
    if file.exists():
        _refuse_newer(file)
    with ExitStack() as undo:
        connection = _connect(file)
        undo.callback(connection.close)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a power cut after a commit takes nothing back
        _look_through(connection, file)
        _try_writing(connection)
        upgrade(connection)
        undo.pop_all()
    return connection


def _connect(file: Path | str) -> sqlite3.Connection:
    # Opened on one thread and then used on the store's own, never on two at once.
    return sqlite3.connect(file, timeout=5.0, isolation_level=None, check_same_thread=False)


def _refuse_newer(file: Path) -> None:
    """Look at the version through a connection that cannot write, so that a refused file stays as it is."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as reading:
        found = schema_version(reading)
    if found > SCHEMA_VERSION:
        raise StorageUnavailable(
            str(file.parent),
            f"{file.name} was written by a newer Theseus (schema {found}, this one knows {SCHEMA_VERSION})",
            "update theseus-host, or use another --data",
        )


def _look_through(connection: sqlite3.Connection, file: Path) -> None:
    if file.stat().st_size > CHECKED_WHOLE:
        return
    finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if finding != "ok":
        damaged = sqlite3.DatabaseError(finding)
        damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damaged


def _try_writing(connection: sqlite3.Connection) -> None:
    """Find out now, and not at the first save, that a file cannot be written: only a real write tells."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(f"PRAGMA user_version = {schema_version(connection)}")
    finally:
        connection.rollback()


def set_aside(file: Path) -> Path:
    """Rename a damaged database with its journal, which together may still be mended by hand."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = file.with_name(f"{file.name}.corrupt-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = file.with_name(f"{file.name}.corrupt-{stamp}-{number}")
    for suffix in ("", "-wal", "-shm"):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside
