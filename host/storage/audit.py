"""The audit: rows that are only added, chained by digests; the last one is noted outside of the database, too."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec.structs import astuple, replace

from host.storage.tables import transaction
from host.trust.chain import AUDIT, BEGINNING, BROKEN, Link, check, digest_of
from host.vocabulary.views import AuditCheck, AuditRow

HEAD_NAME: Final = "audit.head"
KEPT: Final = 50_000
"""Rows; when there are a tenth more, the oldest go, and the chain goes on from the last of them."""
MOST_ASKED: Final = 10_000
"""Rows in one answer."""
_COLUMNS: Final = "id, at, count, module, version, permission, wanted, verdict, through, details"


class Audit:
    """The rows of all modules.

    The file ``audit.head`` is written after each batch, so it is never ahead of the database; where it is, rows were
    lost or taken away.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path | None = None, *, kept: int = KEPT) -> None:
        """Work on a database; ``folder``: where the head is noted; nowhere without."""
        self._connection: Final = connection
        self._file: Final = folder / HEAD_NAME if folder is not None else None
        self._kept: Final = kept
        self._compared = False

    def add(self, rows: Sequence[AuditRow]) -> None:
        """Keep rows; their ids are given here.

        Raises:
            sqlite3.Error: none of them was kept.
        """
        with transaction(self._connection):
            anchor, head = self._ends()
            if not self._compared:
                rows = [*self._breaks(anchor, head), *rows]
            if not head.id:
                self._note_outside(head)  # so that whatever has rows has a note
            for row in rows:
                head = self._append(row, head)
            if head.id - anchor.id > self._kept + self._kept // 10:
                self._let_go(head.id - self._kept)
            self._connection.execute("UPDATE audit_ends SET last = ?, head = ?", (head.id, head.digest))
        self._compared = True
        self._note_outside(head)

    def rows(self, module: str = "", most: int = 1000) -> tuple[AuditRow, ...]:
        """The newest rows, of one module or of all, newest first; ``MOST_ASKED`` at most."""
        found = self._connection.execute(
            f"SELECT {_COLUMNS} FROM audit WHERE ?1 IN ('', module) ORDER BY id DESC LIMIT ?2",  # noqa: S608 - a constant
            (module, min(max(0, most), MOST_ASKED)),
        )
        return tuple(map(_row, found))

    def check(self) -> AuditCheck:
        """Look whether all is as it was written."""
        anchor, head = self._ends()
        outside = self._outside() if self._file is not None else head
        return check(self._chained(), anchor, head, outside, kept=self._kept)

    def _append(self, row: AuditRow, head: Link) -> Link:
        kept = replace(row, id=head.id + 1)
        digest = digest_of(kept, head.digest)
        marks = ", ".join("?" * 11)
        self._connection.execute(
            f"INSERT INTO audit ({_COLUMNS}, digest) VALUES ({marks})",  # noqa: S608 - constants
            (*astuple(kept), digest),
        )
        return Link(kept.id, digest)

    def _let_go(self, last: int) -> None:
        """Let rows go up to one, which the chain then begins after."""
        (digest,) = self._connection.execute("SELECT digest FROM audit WHERE id = ?", (last,)).fetchone()
        self._connection.execute("UPDATE audit_ends SET let_go = ?, anchor = ?", (last, digest))
        self._connection.execute("DELETE FROM audit WHERE id <= ?", (last,))

    def _ends(self) -> tuple[Link, Link]:
        """The last row that was let go, and the last one."""
        row = self._connection.execute("SELECT let_go, anchor, last, head FROM audit_ends").fetchone()
        return (BEGINNING, BEGINNING) if row is None else (Link(row[0], row[1]), Link(row[2], row[3]))

    def _chained(self) -> Iterator[tuple[AuditRow, bytes]]:
        for *columns, digest in self._connection.execute(f"SELECT {_COLUMNS}, digest FROM audit ORDER BY id"):  # noqa: S608 - a constant
            yield _row(columns), digest

    def _breaks(self, anchor: Link, head: Link) -> list[AuditRow]:
        """A row about rows that were here when the host last ran, by the note outside; it would be written over."""
        outside = self._outside()
        if self._file is None or outside in {anchor, head} or not (head.id or outside):
            return []
        if outside is None:
            text = f"nothing was noted outside of the database, and row {head.id} is here"
        else:
            found = self._connection.execute("SELECT digest FROM audit WHERE id = ?", (outside.id,)).fetchone()
            if found == (outside.digest,):
                return []
            text = f"row {outside.id} was the last one noted outside of the database, and row {head.id} is here"
        return [AuditRow(at=time.time(), module="", permission=AUDIT, wanted=text, verdict=BROKEN)]

    def _outside(self) -> Link | None:
        if self._file is None:
            return None
        with suppress(OSError, ValueError, KeyError, TypeError):  # not there, or no note: nothing was noted
            note = json.loads(self._file.read_bytes())
            return Link(int(note["row"]), bytes.fromhex(note["digest"]))
        return None

    def _note_outside(self, head: Link) -> None:
        if self._file is None:
            return
        fresh = self._file.with_name(f"{HEAD_NAME}.new")
        with suppress(OSError):  # a folder that takes no file takes no rows either, which is told
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "w", encoding="ascii") as note:  # noqa: PTH123 - it is open
                json.dump({"row": head.id, "digest": head.digest.hex()}, note)
            fresh.replace(self._file)


def read_audit(file: Path) -> Audit:
    """The audit of a database that no host holds, without changing anything; close it by letting it go.

    Raises:
        sqlite3.Error: there is none, or it is from before there was an audit.
    """
    return Audit(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True), file.parent)


def _row(columns: Sequence[object]) -> AuditRow:
    return AuditRow(**dict(zip(_COLUMNS.split(", "), columns, strict=True)))  # type: ignore[arg-type]  # as it was stored
