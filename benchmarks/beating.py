"""A heartbeat of a window: how long it did nothing else but one thing."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Slot

BEAT_S = 0.01


class Heartbeat(QObject):
    """Beats each 10 ms; ``gaps`` has what each beat came too late by, and the processor time spent in that, in seconds.

    On a machine with other work to do a window that wants to go on may have to wait: what it did itself is at most its
    processor time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[tuple[float, float]] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(BEAT_S * 1000))
        self._timer.timeout.connect(self._beat)
        self._last = (time.perf_counter(), time.process_time())

    def start(self) -> None:
        self.gaps.clear()
        self._last = (time.perf_counter(), time.process_time())
        self._timer.start()

    @Slot()
    def _beat(self) -> None:
        now = (time.perf_counter(), time.process_time())
        self.gaps.append((max(0.0, now[0] - self._last[0] - BEAT_S), now[1] - self._last[1]))
        self._last = now
