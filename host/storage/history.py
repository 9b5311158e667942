"""What was done to each module, with the state before it and the code that came with it, as far as there is room."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from host.storage.tables import transaction
from host.vocabulary.states import Outcome
from host.vocabulary.views import HistoryRow

KEPT: Final = 20
"""Acts that brought other code, for each module, and as many of the others; older ones go with all that is theirs."""
LARGEST_STATES: Final = 16 << 20
"""Bytes of states for each module, the newest first; an act whose state does not fit is kept without it."""
LARGEST_CODE: Final = 4 << 20
"""The same for code, packed."""

_Key = TypeVar("_Key")

_ROWS: Final = (  # what was done at one time was one act
    "SELECT module, id, at, kind, from_version, to_version, outcome, pause_s, error, files, length(snapshot),"
    " (SELECT json_group_array(DISTINCT other.module) FROM history AS other"
    " WHERE other.at = history.at AND other.module != history.module) FROM history"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An act that brought other code: from it to the next, the module ran that code.

    Attributes:
        id: of its row in the history.
        kind: of its row.
        code: digest of manifest and files.
        version: of the code.
        back: the point that a roll-back from here leads to; 0 where there is none.
        at: when it began, seconds since the Unix epoch.
    """

    id: int
    kind: str
    code: str
    version: str
    back: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One row on its way to the history.

    Attributes:
        row: ``row.id`` is given by whoever acts, and larger than any before; acts with one ``at`` are one on several
            modules; ``state``, ``reachable`` and ``others`` are not looked at.
        before: the state before it; ``None`` where there is none to keep.
        code: digest of the code that it brought; empty where the module runs what it ran before, or nothing.
        pack: gives that code packed, or ``None`` where it cannot be; called once, while it is written.
        back: as in Point.
    """

    module: str
    row: HistoryRow
    before: bytes | None = None
    code: str = ""
    pack: Callable[[], bytes | None] | None = None
    back: int = 0


class History:
    """The last acts on each module."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def add(self, *acts: Act) -> None:
        """Remember acts; one that was noted as under way before is now as it ended."""
        with transaction(self._connection):
            for act in acts:
                self._add(act)
                self._forget_oldest(act.module)
                if act.before is not None:
                    self._forget_states(act.module)
                if act.code:
                    self._forget_code(act.module)

    def of(self, module: str) -> tuple[HistoryRow, ...]:
        """Newest first; ``state`` says in words how much of a snapshot there is."""
        rows = self._connection.execute(_ROWS + " WHERE module = ? ORDER BY id DESC", (module,))
        return tuple(map(_history_row, rows))

    def last(self, count: int) -> tuple[HistoryRow, ...]:
        """The last acts on all modules, newest first."""
        return tuple(map(_history_row, self._connection.execute(_ROWS + " ORDER BY id DESC LIMIT ?", (count,))))

    def newest(self) -> tuple[HistoryRow, ...]:
        """The last swap, reload or roll-back that counted, of each module that was in it."""
        counted = " WHERE outcome = ? AND from_version != ''"
        done = (Outcome.COMMITTED.value,)
        last = self._connection.execute(_ROWS + counted + " ORDER BY id DESC LIMIT 1", done).fetchone()
        if last is None:
            return ()
        at = _history_row(last).at
        return tuple(
            map(_history_row, self._connection.execute(_ROWS + counted + " AND at = ? ORDER BY id", (*done, at)))
        )

    def interrupt(self, error: str) -> tuple[HistoryRow, ...]:
        """Note of all that was under way when the engine died that it does not count; gives that."""
        with transaction(self._connection):
            rows = self._connection.execute(
                "UPDATE history SET outcome = ?, error = ? WHERE outcome = ?"
                " RETURNING module, id, at, kind, from_version, to_version, outcome, pause_s, error, files, NULL, '[]'",
                (Outcome.ROLLED_BACK.value, error, Outcome.UNDER_WAY.value),
            ).fetchall()
        return tuple(map(_history_row, rows))

    def last_id(self) -> int:
        """The largest id there ever was."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'history'").fetchone()
        return 0 if row is None else int(row[0])

    def points(self) -> dict[str, list[Point]]:
        """By module, oldest first."""
        found: dict[str, list[Point]] = {}
        rows = self._connection.execute(
            "SELECT module, id, kind, code, to_version, back, at FROM history WHERE code IS NOT NULL ORDER BY id"
        )
        for module, row_id, kind, code, version, back, at in rows:
            point = Point(id=row_id, kind=kind, code=code, version=version, back=back, at=at)
            found.setdefault(module, []).append(point)
        return found

    def code(self, module: str, digest: str) -> bytes | None:
        """The code of a module, packed."""
        row = self._connection.execute(
            "SELECT packed FROM code WHERE module = ? AND digest = ?", (module, digest)
        ).fetchone()
        return None if row is None else row[0]

    def kept_code(self, module: str) -> frozenset[str]:
        """Digests of the code of a module that is kept."""
        return frozenset(
            row[0] for row in self._connection.execute("SELECT digest FROM code WHERE module = ?", (module,))
        )

    def state_after(self, module: str, row_id: int) -> tuple[bool, bytes | None]:
        """The state that a module had last before anything changed its code or its state after an act.

        Returns:
            Whether there was such a change; and the state before it, ``None`` where that is not kept.
        """
        row = self._connection.execute(
            "SELECT snapshot FROM history WHERE module = ? AND id > ? AND outcome = ?"
            " AND (code IS NOT NULL OR snapshot IS NOT NULL) ORDER BY id LIMIT 1",
            (module, row_id, Outcome.COMMITTED.value),
        ).fetchone()
        return (False, None) if row is None else (True, row[0])

    def _add(self, act: Act) -> None:
        row = act.row
        self._connection.execute(
            "INSERT OR REPLACE INTO history (id, module, at, kind, from_version, to_version, outcome, pause_s, error,"
            " files, snapshot, code, back) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.id,
                act.module,
                row.at,
                row.kind,
                row.from_version,
                row.to_version,
                row.outcome.value,
                row.pause_s,
                row.error,
                json.dumps(row.files),
                act.before,
                act.code or None,
                act.back,
            ),
        )
        if act.code and act.pack is not None and self.code(act.module, act.code) is None:
            packed = act.pack()
            if packed is not None:
                self._connection.execute("INSERT INTO code VALUES (?, ?, ?)", (act.module, act.code, packed))

    def _forget_oldest(self, module: str) -> None:
        for brought_none in (0, 1):
            self._connection.execute(
                "DELETE FROM history WHERE module = ?1 AND (code IS NULL) = ?2 AND id <= (SELECT id FROM history"
                " WHERE module = ?1 AND (code IS NULL) = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
                (module, brought_none, KEPT),
            )

    def _forget_states(self, module: str) -> None:
        rows = self._connection.execute(
            "SELECT id, length(snapshot) FROM history WHERE module = ? AND snapshot IS NOT NULL ORDER BY id DESC",
            (module,),
        ).fetchall()
        for row_id in _beyond(rows, LARGEST_STATES):
            self._connection.execute("UPDATE history SET snapshot = NULL WHERE id = ?", (row_id,))

    def _forget_code(self, module: str) -> None:
        """Keep the newest code that fits; code of acts that are forgotten, and what does not fit, goes."""
        rows = self._connection.execute(
            "SELECT digest, length(packed), (SELECT max(id) FROM history WHERE history.module = code.module"
            " AND history.code = code.digest) AS last FROM code WHERE module = ? ORDER BY last DESC",
            (module,),
        ).fetchall()
        gone = [digest for digest, _, last in rows if last is None]
        kept = [(digest, size) for digest, size, last in rows if last is not None]
        for digest in (*gone, *_beyond(kept, LARGEST_CODE)):
            self._connection.execute("DELETE FROM code WHERE module = ? AND digest = ?", (module, digest))


def _beyond(sizes: Iterable[tuple[_Key, int]], most: int) -> list[_Key]:
    """What does not fit into so many bytes, taken in order; a small one still may after a large one did not."""
    beyond, used = [], 0
    for key, size in sizes:
        if used + size > most:
            beyond.append(key)
        else:
            used += size
    return beyond


def _history_row(row: Sequence[Any]) -> HistoryRow:
    module, row_id, at, kind, from_version, to_version, outcome, pause_s, error, files, size, others = row
    return HistoryRow(
        module=module,
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
        others=tuple(sorted(json.loads(others))),
    )
