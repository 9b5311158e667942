"""Which code each module ran, act by act, and where a roll-back leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from host.storage import Point
from host.storage.history import KEPT


class Trail:
    """The points of each module, oldest first; the last is what runs, or ran last.

    A roll-back brings a point's code back, and the module then stands where that point stood: what one more leads to is
    what it would have led to then.
    """

    def __init__(self) -> None:
        self._points: Final[dict[str, list[Point]]] = {}
        self._last = 0

    def begin(self, points: Mapping[str, list[Point]], last: int) -> None:
        """Take over what the store has; ``last`` is the largest id there ever was."""
        self._points.update(points)
        self._last = last

    def next_id(self) -> int:
        """Give the next act its number."""
        self._last += 1
        return self._last

    def add(self, name: str, point: Point) -> None:
        """Note that a module runs other code; the oldest point goes."""
        points = self._points.setdefault(name, [])
        points.append(point)
        del points[:-KEPT]

    def current(self, name: str) -> Point | None:
        """What runs, or ran last."""
        return next(reversed(self._points.get(name, ())), None)

    def left(self, name: str) -> Point | None:
        """What ran right before a roll-back, where that was the last change."""
        match self._points.get(name, ()):
            case [*_, before, last] if last.kind == "rollback":
                return before
        return None

    def typed(self, name: str, code: str) -> bool:
        """Whether code of a module was typed into a window, and came from no disk."""
        return any(each.code == code and each.kind == "scratch" for each in self._points.get(name, ()))

    def back(self, name: str) -> Point | None:
        """What a roll-back leads to; ``None`` where there is nothing, or nothing any more."""
        current = self.current(name)
        return next((each for each in self._points.get(name, ()) if current and each.id == current.back), None)

    def together(self, name: str) -> frozenset[str]:
        """Modules that stand where one act brought them all, and that a roll-back takes back with one of them."""
        act = self._came_by(name)
        return frozenset(
            {name, *(each for each in self._points if act and self._came_by(each) == act and self.back(each))}
        )

    def _came_by(self, name: str) -> float:
        """When the act was that brought what runs, or first brought what a roll-back went back to."""
        current = self.current(name)
        for each in self._points.get(name, ()):
            if current and (each.code, each.back) == (current.code, current.back):
                return each.at
        return 0.0

    def at(self, name: str, row_id: int) -> Point | None:
        """What ran after an act, whether that brought it or found it running."""
        return next((each for each in reversed(self._points.get(name, ())) if each.id <= row_id), None)

    def until(self, name: str, point: Point) -> float:
        """When another took its place, seconds since the Unix epoch; 0.0 for the last."""
        return next((each.at for each in self._points.get(name, ()) if each.id > point.id), 0.0)
