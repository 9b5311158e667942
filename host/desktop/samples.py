"""The figures of the last minutes, one sample a second for each module."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView

ROOM: Final = 120


def _row() -> deque[float]:
    return deque(maxlen=ROOM)


@dataclass(slots=True)
class Series:
    """Three curves of one module: ms of Lua a second, bytes with those of its jobs, calls a second."""

    load: deque[float] = field(default_factory=_row)
    memory: deque[float] = field(default_factory=_row)
    calls: deque[float] = field(default_factory=_row)
    counted: int | None = None

    def add(self, view: ModuleView, elapsed: float) -> None:
        self.load.append(view.ms_per_s)
        self.memory.append(float(view.memory + view.memory_beside))
        if self.counted is not None:
            self.calls.append(max(view.calls - self.counted, 0) / elapsed)
        self.counted = view.calls


class Samples:
    """The curves of all modules that are known now."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}

    def take(self, views: Iterable[ModuleView], elapsed: float) -> None:
        """Add one sample of each, ``elapsed`` seconds after the last; who is gone is forgotten."""
        known = {view.name: view for view in views}
        self._series = {name: self._series.get(name) or Series() for name in known}
        for name, view in known.items():
            self._series[name].add(view, elapsed)

    def of(self, name: str) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
        """Load, memory and calls of one module, oldest first."""
        series = self._series.get(name) or Series()
        return tuple(series.load), tuple(series.memory), tuple(series.calls)
