"""Garbage is collected by the window's own thread: what Qt made may be freed in no other, and Python asks nobody.

A widget in a cycle that another thread's allocation has collected ends the process.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QObject, QTimer

PERIOD_MS: Final = 500


class Collecting(QObject):
    """Does by a timer what Python does by counting, by the same counts."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self.look)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Collect here, and nowhere else, until the end of the block."""
        enabled = gc.isenabled()
        gc.disable()
        self._timer.start()
        try:
            yield
        finally:
            self._timer.stop()
            if enabled:
                gc.enable()

    def look(self) -> None:
        """Collect the oldest generation that has had its number."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if 0 < thresholds[generation] < counts[generation]:
                gc.collect(generation)
                return
