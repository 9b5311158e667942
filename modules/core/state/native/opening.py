"""From a file to a database that can be used; a damaged one is set aside."""

import sqlite3
from pathlib import Path

from host.storage.opening import is_corruption, set_aside

BUSY = 0.25  # seconds that one operation waits for other processes, and all modules with it

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
CREATE TABLE IF NOT EXISTS lists (number INTEGER PRIMARY KEY, module TEXT NOT NULL, key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS items (
    list INTEGER NOT NULL, position INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (list, position)
) WITHOUT ROWID;
"""


def refused(error: sqlite3.Error) -> OSError:
    return OSError(f"state cannot be read or written now ({error}); nothing was changed")


def opened(file: Path) -> tuple[sqlite3.Connection, str]:
    """Open a database, or begin a new one; and a sentence where a damaged one was set aside.

    Raises:
        OSError: it cannot be opened now; what lies there is as it was.
    """
    try:
        return _sound(file), ""
    except sqlite3.DatabaseError as error:
        if not is_corruption(error):
            raise refused(error) from error
    aside = set_aside(file)
    notice = f"{file} was damaged and is now {aside.name}; state begins anew, and nothing was overwritten"
    return _sound(file), notice


def _sound(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=BUSY, isolation_level=None)
    try:
        connection.execute("PRAGMA page_size = 1024")  # most values are small: a change writes a page
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 16000")  # pages: checkpoints take a quarter of a set
        look_through(connection)
        connection.executescript(SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def look_through(connection: sqlite3.Connection) -> None:
    """Raise where a database is damaged."""
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        damage = sqlite3.DatabaseError("database disk image is malformed")
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage
