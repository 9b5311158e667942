"""What was done in whose name, on its way to be kept: the same within a second is one row."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from host.trust.masking import masked, masked_text
from host.trust.use import Use
from host.vocabulary.views import AuditRow

MOST_ROWS: Final = 20
"""Different rows of one module within one batch; further ones are one row with a count, by permission and verdict."""
OTHERS: Final = "(others)"


@dataclass(slots=True)
class _Kept:
    row: AuditRow
    count: int = 0


class Gathering:
    """Gathers rows until they are taken; a flood of different ones keeps its size."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock: Final = clock
        self._kept: dict[AuditRow, _Kept] = {}
        self._known: dict[Use, _Kept] = {}
        self._rows_of: Counter[str] = Counter()

    def note(self, use: Use) -> None:
        """Gather one use."""
        known = self._known.get(use) if use.details is None else None
        if known is not None:
            known.count += 1
            return
        row = _row(use)
        if row not in self._kept and self._rows_of[use.module] >= MOST_ROWS:
            row = replace(row, wanted=OTHERS, details="", through="")
        kept = self.add(row)
        if use.details is None and row.wanted != OTHERS:
            self._known[use] = kept

    def add(self, row: AuditRow) -> _Kept:
        """Gather a row; ``at`` and ``count`` are filled in."""
        kept = self._kept.get(row)
        if kept is None:
            kept = self._kept[row] = _Kept(replace(row, at=self._clock()))
            self._rows_of[row.module] += 1
        kept.count += 1
        return kept

    def take(self) -> tuple[AuditRow, ...]:
        """Give what was gathered, in the order of the first times, and begin anew."""
        taken, self._kept = self._kept, {}
        self._known.clear()
        self._rows_of.clear()
        return tuple(replace(kept.row, count=kept.count) for kept in taken.values())


def _row(use: Use) -> AuditRow:
    return AuditRow(
        at=0.0,
        module=use.module,
        version=use.version,
        permission=use.permission,
        wanted=masked_text(use.wanted),
        verdict="allowed" if use.allowed else "denied",
        through=use.through,
        details=masked(use.details),
    )
