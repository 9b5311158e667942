"""A search for bad modules that is under way: what ran when it began, and the answers so far."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from host.storage.tables import SessionEntry, transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisection:
    """How far a search is.

    Attributes:
        before: what ran when it began, in load order, and what comes back when it ends.
        needs: what each of these needs of the others, by name.
        answers: of the trials so far, whether it was bad.
    """

    before: tuple[SessionEntry, ...]
    needs: Mapping[str, frozenset[str]]
    answers: tuple[bool, ...] = ()


class Bisections:
    """The one that is under way, if one is."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def keep(self, bisection: Bisection | None) -> None:
        """Take the place of the one before, or forget it."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM bisection")
            self._connection.execute("DELETE FROM bisection_answers")
            if bisection is None:
                return
            self._connection.executemany(
                "INSERT INTO bisection (place, name, version, requested, needs) VALUES (?, ?, ?, ?, ?)",
                [
                    (place, each.name, each.version, each.requested, json.dumps(sorted(bisection.needs[each.name])))
                    for place, each in enumerate(bisection.before)
                ],
            )
            self._connection.executemany(
                "INSERT INTO bisection_answers (place, bad) VALUES (?, ?)", enumerate(bisection.answers)
            )

    def current(self) -> Bisection | None:
        rows = self._connection.execute("SELECT name, version, requested, needs FROM bisection ORDER BY place")
        found = rows.fetchall()
        if not found:
            return None
        answers = self._connection.execute("SELECT bad FROM bisection_answers ORDER BY place")
        return Bisection(
            before=tuple(
                SessionEntry(name=name, version=version, requested=bool(requested))
                for name, version, requested, _ in found
            ),
            needs={name: frozenset(json.loads(needs)) for name, _, _, needs in found},
            answers=tuple(bool(bad) for (bad,) in answers),
        )
