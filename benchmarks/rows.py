"""What is measured, and the table that shows it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

_HEADINGS = ("", "ours", "peer", "ratio", "target", "")


class Unit(Enum):
    """In what a row is measured: seconds or bytes."""

    SECONDS = "s"
    BYTES = "B"

    def spelled(self, value: float) -> str:
        if self is Unit.BYTES:
            return f"{value / 1e6:.2f} MB"
        if abs(value) < 1e-3:
            return f"{value * 1e6:.3g} µs"
        return f"{value * 1e3:.3g} ms" if abs(value) < 1 else f"{value:.3g} s"


@dataclass(frozen=True, slots=True)
class Spread:
    """What several rounds gave, at least one, in their order."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    def spelled(self, spell: Callable[[float], str]) -> str:
        """``32.1 µs (30.9 µs - 40 µs)``; the median alone where there was one round."""
        if len(self.samples) == 1:
            return spell(self.median)
        return f"{spell(self.median)} ({spell(min(self.samples))} - {spell(max(self.samples))})"


@dataclass(frozen=True, slots=True)
class AtMost:
    """A target for a median: of the ratio to the peer, or of ours."""

    limit: float
    of_ratio: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement.

    Attributes:
        peer_name: what ``peer`` is; empty where there is none.
        note: what else was found; where ``ours`` is ``None``, why it was not measured.
    """

    name: str
    ours: Spread | None
    peer: Spread | None = None
    peer_name: str = ""
    unit: Unit = Unit.SECONDS
    target: AtMost | None = None
    note: str = ""

    @property
    def ratio(self) -> Spread | None:
        """Ours to the peer's, round by round: what slows a whole round down does not count."""
        if self.ours is None or self.peer is None:
            return None
        return Spread(tuple(ours / peer for ours, peer in zip(self.ours.samples, self.peer.samples, strict=True)))

    @property
    def met(self) -> bool | None:
        """Whether the target is; ``None`` where there is none, or nothing was measured."""
        measured = self.ratio if self.target is not None and self.target.of_ratio else self.ours
        if self.target is None or measured is None:
            return None
        return measured.median <= self.target.limit

    def cells(self) -> tuple[str, ...]:
        """The texts of one line of the table."""
        ratio = self.ratio
        peer = f"{self.peer_name} {self.peer.spelled(self.unit.spelled)}" if self.peer else ""
        return (
            self.name,
            self.ours.spelled(self.unit.spelled) if self.ours else "not measured",
            peer,
            ratio.spelled("{:.2f}".format) if ratio else "",
            self._target(),
            "; ".join(filter(None, (_VERDICTS[self.met], self.note))),
        )

    def _target(self) -> str:
        if self.target is None:
            return ""
        return f"<= {self.target.limit:g}x" if self.target.of_ratio else f"<= {self.unit.spelled(self.target.limit)}"


_VERDICTS = {None: "", True: "met", False: "NOT MET"}


def table(rows: Iterable[Row]) -> str:
    """Lay rows out in columns, under their headings."""
    lines = [_HEADINGS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
