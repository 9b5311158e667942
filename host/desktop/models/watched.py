"""Entries of a state that somebody wants to keep in sight."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from host.desktop.models.table import Column
from host.desktop.wording import HOUR, ago, spelled

_FRESH: Final = 4.0
_CLIPPED: Final = 256


@dataclass(frozen=True, slots=True)
class Watched:
    """One entry: the keys that lead there, its value as Lua, and when that was last seen to differ, 0.0 for never."""

    path: tuple[str | int | float | bool, ...]
    text: str = ""
    changed: float = 0.0

    def told(self, text: str) -> Watched:
        """The same entry with the value that it has now."""
        if text == self.text:
            return self
        return Watched(self.path, text, time.monotonic() if self.text else 0.0)

    @property
    def age(self) -> float:
        return time.monotonic() - self.changed


def _line(row: Watched) -> str:
    """The value in one line; a table has its own."""
    return " ".join(row.text.split())[:_CLIPPED]


def _changed(row: Watched) -> str:
    return ago(row.age) if row.changed and row.age < HOUR else ""


def _tone(row: Watched) -> str:
    return "busy" if row.changed and row.age < _FRESH else ""


WATCHED: Final[tuple[Column[Watched], ...]] = (
    Column("Watched", lambda row: spelled(row.path)),
    Column("Value", _line, tone=_tone),
    Column("Changed", _changed, tone=lambda row: _tone(row) or "muted"),
)
