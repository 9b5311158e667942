"""What a module has registered, with how often it was called between two looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from host.desktop.models.table import Column
from host.desktop.wording import grouped, millis
from host.vocabulary.clock import clock

if TYPE_CHECKING:
    from host.vocabulary.views import ActivityRow

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Active:
    """One registered thing, and its calls a second, ``None`` where it was not seen before."""

    row: ActivityRow
    rate: float | None = None

    @property
    def key(self) -> Key:
        row = self.row
        return (row.id,) if row.id else (row.kind, row.name, row.detail)


def rated(rows: Iterable[ActivityRow], before: Mapping[Key, int], seconds: float) -> Sequence[Active]:
    """Rows with their rates.

    Args:
        rows: as they are now.
        before: calls by key, as they were.
        seconds: since then.
    """
    found = []
    for row in rows:
        key = Active(row).key
        rate = (row.calls - before[key]) / seconds if key in before and seconds > 0 else None
        found.append(Active(row, rate))
    return found


def _rate(active: Active) -> str:
    if active.row.muted:
        return "muted"
    return "" if active.rate is None else f"{millis(active.rate)}/s"


def _caller(active: Active) -> str:
    """``hud at 14:02:31``."""
    row = active.row
    return f"{row.last_caller} at {clock(row.last_called)}" if row.last_caller else ""


ACTIVITY: Final[tuple[Column[Active], ...]] = (
    Column("Kind", lambda each: each.row.kind, tone=lambda _: "muted"),
    Column("Name", lambda each: each.row.name, tone=lambda each: "muted" if each.row.muted else ""),
    Column("Detail", lambda each: each.row.detail, tone=lambda _: "muted"),
    Column("Calls", lambda each: grouped(each.row.calls), number=True),
    Column("Rate", _rate, number=True, tone=lambda each: "warn" if each.row.muted else ""),
    Column("Last caller", _caller),
    Column("Mean ms", lambda each: millis(each.row.mean_ms) if each.row.mean_ms else "", number=True),
    Column("p95 ms", lambda each: millis(each.row.p95_ms) if each.row.p95_ms else "", number=True),
    Column(
        "Faults",
        lambda each: grouped(each.row.faults) if each.row.faults else "",
        number=True,
        tone=lambda each: "bad" if each.row.faults else "",
    ),
    Column("Last fault", lambda each: each.row.last_fault, tone=lambda each: "bad" if each.row.last_fault else ""),
)
