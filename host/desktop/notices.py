"""What happened that the user should hear of, though nobody asked for it: counted by a bell, until it was seen."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from host.desktop.muting import Muting
from host.vocabulary.events import Event, EventKind

KEPT: Final = 100
NOTABLE: Final = frozenset(
    {
        EventKind.MODULE_FAILED,
        EventKind.MODULE_QUARANTINED,
        EventKind.MODULE_RESTARTED,
        EventKind.MODULE_LEFT_OUT,
        EventKind.SWAP_ROLLED_BACK,
        EventKind.RELOAD_REFUSED,
        EventKind.ENGINE_DIED,
        EventKind.STORAGE_FAILED,
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of thing that happened to one module, as it was last; ``count`` is how often."""

    kind: EventKind
    module: str
    text: str
    at: float
    count: int = 1
    seen: bool = False


class Notices(QObject):
    """The notices since the window was opened, newest first; ``changed`` also follows a change of who is muted."""

    changed = Signal()

    def __init__(self, muting: Muting) -> None:
        super().__init__()
        self._muting = muting
        self._since = time.time()
        self._rows: dict[tuple[EventKind, str], Notice] = {}
        muting.changed.connect(self.changed)

    @property
    def rows(self) -> Sequence[Notice]:
        return tuple(reversed(self._rows.values()))

    @property
    def counts(self) -> tuple[int, int]:
        """How many were not seen: of modules that are heard of, and of muted ones."""
        unseen = [row.module in self._muting.modules for row in self._rows.values() if not row.seen]
        return unseen.count(False), unseen.count(True)

    @Slot(object)
    def take(self, events: Iterable[Event]) -> None:
        """Take down what is notable of new events."""
        fresh = [event for event in events if event.event in NOTABLE and event.at >= self._since]
        for event in fresh:
            key = event.event, event.module
            before = self._rows.pop(key, None)
            count = before.count + 1 if before is not None else 1
            self._rows[key] = Notice(event.event, event.module, event.text or event.error, event.at, count)
            while len(self._rows) > KEPT:
                del self._rows[next(iter(self._rows))]
        if fresh:
            self.changed.emit()

    def see_all(self) -> None:
        """Note that the user saw them."""
        self._rows = {key: replace(row, seen=True) for key, row in self._rows.items()}
        self.changed.emit()
