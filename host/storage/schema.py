"""The tables, and the way from every earlier version to this one; ``PRAGMA user_version`` says where a file stands."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

_FIRST: Final = """
CREATE TABLE checkpoints (
    module  TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    digest  TEXT NOT NULL,
    state   BLOB NOT NULL,
    at      REAL NOT NULL
) STRICT;
CREATE TABLE session (
    place     INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    version   TEXT NOT NULL,
    requested INTEGER NOT NULL
) STRICT;
CREATE TABLE history (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    module       TEXT NOT NULL,
    at           REAL NOT NULL,
    kind         TEXT NOT NULL,
    from_version TEXT NOT NULL,
    to_version   TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    pause_s      REAL,
    error        TEXT NOT NULL,
    files        TEXT NOT NULL,
    snapshot     BLOB
) STRICT;
CREATE INDEX history_of_module ON history (module, id);
CREATE TABLE deaths (
    module TEXT NOT NULL,
    phase  INTEGER NOT NULL,
    at     REAL NOT NULL
) STRICT;
CREATE TABLE config (
    module TEXT PRIMARY KEY,
    json   TEXT NOT NULL
) STRICT;
"""

_POINTS: Final = """
ALTER TABLE history ADD COLUMN code TEXT;
ALTER TABLE history ADD COLUMN back INTEGER NOT NULL DEFAULT 0;
CREATE TABLE code (
    module TEXT NOT NULL,
    digest TEXT NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (module, digest)
) STRICT;
"""

_GRANTS: Final = """
CREATE TABLE grants (
    module     TEXT NOT NULL,
    versions   TEXT NOT NULL,
    permission TEXT NOT NULL,
    pattern    TEXT NOT NULL,
    allowed    INTEGER NOT NULL,
    at         REAL NOT NULL,
    PRIMARY KEY (module, versions, permission, pattern)
) STRICT;
"""

_ORIGINS: Final = """
CREATE TABLE origins (
    module  TEXT NOT NULL,
    version TEXT NOT NULL,
    digest  TEXT NOT NULL,
    key     BLOB NOT NULL,
    source  TEXT NOT NULL,
    at      REAL NOT NULL,
    PRIMARY KEY (module, version)
) STRICT;
CREATE TABLE publishers (
    module TEXT PRIMARY KEY,
    key    BLOB NOT NULL,
    at     REAL NOT NULL
) STRICT;
"""

_AUDIT: Final = """
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at         REAL NOT NULL,
    count      INTEGER NOT NULL,
    module     TEXT NOT NULL,
    version    TEXT NOT NULL,
    permission TEXT NOT NULL,
    wanted     TEXT NOT NULL,
    verdict    TEXT NOT NULL,
    through    TEXT NOT NULL,
    details    TEXT NOT NULL,
    digest     BLOB NOT NULL
) STRICT;
CREATE INDEX audit_of_module ON audit (module, id);
CREATE TABLE audit_ends (
    let_go INTEGER NOT NULL,
    anchor BLOB NOT NULL,
    last   INTEGER NOT NULL,
    head   BLOB NOT NULL
) STRICT;
INSERT INTO audit_ends VALUES (0, zeroblob(32), 0, zeroblob(32));
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'rows of the audit are only added');
END;
CREATE TRIGGER audit_is_let_go_in_order BEFORE DELETE ON audit WHEN old.id > (SELECT let_go FROM audit_ends)
BEGIN
    SELECT raise(ABORT, 'rows of the audit are only added');
END;
"""

_ISOLATION: Final = """
CREATE TABLE isolation (
    module    TEXT PRIMARY KEY,
    isolation TEXT NOT NULL
) STRICT;
"""

_BISECTION: Final = """
CREATE TABLE bisection (
    place     INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    version   TEXT NOT NULL,
    requested INTEGER NOT NULL,
    needs     TEXT NOT NULL
) STRICT;
CREATE TABLE bisection_answers (
    place INTEGER PRIMARY KEY,
    bad   INTEGER NOT NULL
) STRICT;
"""

_HUNG: Final = """
ALTER TABLE deaths ADD COLUMN hung INTEGER NOT NULL DEFAULT 0;
"""

_ACTS: Final = """
CREATE INDEX history_of_act ON history (at, module);
"""

_REVOKED: Final = """
CREATE TABLE revoked_keys (
    fingerprint TEXT PRIMARY KEY,
    at          REAL NOT NULL
) STRICT;
"""

_LOCKS: Final = """
CREATE TABLE version_locks (
    module  TEXT PRIMARY KEY,
    version TEXT NOT NULL
) STRICT;
"""

MIGRATIONS: Final[tuple[str, ...]] = (
    _FIRST,
    _POINTS,
    _GRANTS,
    _ORIGINS,
    _AUDIT,
    _ISOLATION,
    _BISECTION,
    _HUNG,
    _ACTS,
    _REVOKED,
    _LOCKS,
)
"""The n-th leads from version n to n + 1. What was shipped is never edited: a change is a new entry."""

SCHEMA_VERSION: Final = len(MIGRATIONS)


def schema_version(connection: sqlite3.Connection) -> int:
    row = connection.execute("PRAGMA user_version").fetchone()
    return int(row[0])


def upgrade(connection: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring a database to the newest version, one transaction for each step.

    Raises:
        sqlite3.Error: the step that failed left nothing behind; the steps before it stand.
    """
    for version in range(schema_version(connection), len(migrations)):
        step = f"BEGIN IMMEDIATE; {migrations[version]}; PRAGMA user_version = {version + 1}; COMMIT;"
        try:
            connection.executescript(step)
        finally:
            connection.rollback()  # does nothing after a commit
