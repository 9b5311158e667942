"""What was done to each module, newest first, with the state before it where that is kept."""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from host.storage.tables import transaction
from host.vocabulary.states import Outcome
from host.vocabulary.views import HistoryRow

KEPT: Final = 20
"""Rows for each module; older ones go, and their snapshots with them."""


class History:
    """The last ``KEPT`` loads, swaps and roll-backs of each module."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def add(self, module: str, row: HistoryRow, snapshot: bytes | None = None) -> int:
        """Remember one act; ``row.id`` and ``row.state`` are not looked at.

        Args:
            module: whom it was done to.
            row: what was done.
            snapshot: the state before it; absent where it is not to be kept.

        Returns:
            The row's id, larger than any before.
        """
        with transaction(self._connection):
            cursor = self._connection.execute(
                "INSERT INTO history (module, at, kind, from_version, to_version, outcome, pause_s, error, files,"
                " snapshot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    module,
                    row.at,
                    row.kind,
                    row.from_version,
                    row.to_version,
                    row.outcome.value,
                    row.pause_s,
                    row.error,
                    json.dumps(row.files),
                    snapshot,
                ),
            )
            self._connection.execute(
                "DELETE FROM history WHERE module = ?1 AND id NOT IN"
                " (SELECT id FROM history WHERE module = ?1 ORDER BY id DESC LIMIT ?2)",
                (module, KEPT),
            )
        return cursor.lastrowid or 0

    def of(self, module: str) -> tuple[HistoryRow, ...]:
        """Newest first; ``state`` says in words how much of a snapshot there is."""
        rows = self._connection.execute(
            "SELECT id, at, kind, from_version, to_version, outcome, pause_s, error, files, length(snapshot)"
            " FROM history WHERE module = ? ORDER BY id DESC",
            (module,),
        )
        return tuple(_history_row(row) for row in rows)

    def snapshot(self, row_id: int) -> bytes | None:
        row = self._connection.execute("SELECT snapshot FROM history WHERE id = ?", (row_id,)).fetchone()
        return None if row is None else row[0]


_Stored = tuple[int, float, str, str, str, str, float | None, str, str, int | None]


def _history_row(row: _Stored) -> HistoryRow:
    row_id, at, kind, from_version, to_version, outcome, pause_s, error, files, size = row
    return HistoryRow(
        id=row_id,
        at=at,
        kind=kind,
        from_version=from_version,
        to_version=to_version,
        outcome=Outcome(outcome),
        pause_s=pause_s,
        error=error,
        files=tuple(json.loads(files)),
        state="" if size is None else f"{size:,} bytes kept",
    )
