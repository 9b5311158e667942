"""Where installed modules came from, and whose key each module's packages are signed with."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from host.storage.tables import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A module version that was installed from a package.

    Attributes:
        digest: SHA-256 of the package, hex.
        key: public key of who signed it; empty where nobody did.
        source: name of the package's file.
        at: seconds since the Unix epoch.
    """

    module: str
    version: str
    digest: str
    key: bytes
    source: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Whose packages a module has: the public key, and when it was first trusted, seconds since the Unix epoch."""

    module: str
    key: bytes
    at: float


class Origins:
    """What was installed from outside; what is not here was put into the folder of modules by its user."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def add(self, origin: Origin) -> None:
        """Remember an installation, in place of an earlier one of that version, and trust its key for the module."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO origins (module, version, digest, key, source, at) VALUES (?, ?, ?, ?, ?, ?)",
                (origin.module, origin.version, origin.digest, origin.key, origin.source, origin.at),
            )
            if origin.key:
                self._connection.execute(
                    "INSERT OR REPLACE INTO publishers (module, key, at) VALUES (?, ?, ?)",
                    (origin.module, origin.key, origin.at),
                )

    def of(self, module: str, version: str) -> Origin | None:
        row = self._connection.execute(
            "SELECT digest, key, source, at FROM origins WHERE module = ? AND version = ?", (module, version)
        ).fetchone()
        if row is None:
            return None
        digest, key, source, at = row
        return Origin(module=module, version=version, digest=digest, key=key, source=source, at=at)

    def forget(self, module: str, version: str) -> None:
        """Forget an installation; the key stays trusted, so that another one is noticed."""
        self._connection.execute("DELETE FROM origins WHERE module = ? AND version = ?", (module, version))

    def signed_with(self, key: bytes) -> tuple[tuple[str, str], ...]:
        """Name and version of all that was installed with a key."""
        rows = self._connection.execute("SELECT module, version FROM origins WHERE key = ? ORDER BY module, at", (key,))
        return tuple(rows.fetchall())

    def versions(self) -> frozenset[tuple[str, str]]:
        """Name and version of all that was installed from outside."""
        return frozenset(self._connection.execute("SELECT module, version FROM origins").fetchall())

    def publishers(self) -> tuple[Publisher, ...]:
        """All keys that are trusted, each for one module; by name."""
        rows = self._connection.execute("SELECT module, key, at FROM publishers ORDER BY module")
        return tuple(Publisher(module=module, key=key, at=at) for module, key, at in rows)

    def revoke(self, fingerprint: str, at: float) -> None:
        """Remember that a key is not trusted any more, whatever it signs; at the time that it was first said."""
        self._connection.execute("INSERT OR IGNORE INTO revoked_keys VALUES (?, ?)", (fingerprint, at))

    def reinstate(self, fingerprint: str) -> None:
        """Forget that."""
        self._connection.execute("DELETE FROM revoked_keys WHERE fingerprint = ?", (fingerprint,))

    def revoked(self) -> dict[str, float]:
        """Fingerprints of keys that are not trusted any more, and since when."""
        return dict(self._connection.execute("SELECT fingerprint, at FROM revoked_keys ORDER BY at"))

    def trusted_key(self, module: str) -> bytes:
        """The key that a module's packages are signed with; empty where none was ever seen."""
        row = self._connection.execute("SELECT key FROM publishers WHERE module = ?", (module,)).fetchone()
        return b"" if row is None else bytes(row[0])
