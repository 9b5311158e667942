"""The window's heartbeat: as often as somebody looks at the window, its gaps are measured."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from host.desktop.mirror import Attention
from host.vocabulary.heartbeat import Heartbeat

if TYPE_CHECKING:
    from host.vocabulary.views import EngineView, GapView

KEPT: Final = 50
_REST: Final = float("inf")


class Pulse(QObject):
    """Beats while the window is seen; ``changed`` follows each gap, of the window's or the engine's."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._count = self._seen = 0
        self._engine = self._engine_seen = 0
        self._gaps: deque[GapView] = deque(maxlen=KEPT)
        self._heartbeat = Heartbeat(self._noted)
        self._period = _REST
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    @property
    def gaps(self) -> tuple[GapView, ...]:
        """The last ``KEPT``, newest first."""
        return tuple(reversed(self._gaps))

    @property
    def unseen(self) -> tuple[int, int]:
        """How many of the window's and of the engine's were not seen yet."""
        return self._count - self._seen, self._engine - self._engine_seen

    def see_all(self) -> None:
        """Count all so far as seen."""
        if any(self.unseen):
            self._seen, self._engine_seen = self._count, self._engine
            self.changed.emit()

    @Slot(object)
    def hear(self, engine: EngineView) -> None:
        """Take over how many the engine had; one that was started again counts anew."""
        if engine.gaps != self._engine:
            self._engine_seen = min(self._engine_seen, engine.gaps)
            self._engine = engine.gaps
            self.changed.emit()

    @contextmanager
    def beating(self, attention: Attention) -> Iterator[None]:
        """Look at the loop of this thread, until the end of the block."""
        self._heartbeat.start()
        self.attend(attention)
        try:
            yield
        finally:
            self._timer.stop()
            self._heartbeat.stop()

    @Slot(object)
    def attend(self, attention: Attention) -> None:
        """Beat as often as somebody looks, and not at all where nobody does."""
        self._period = attention.value
        if attention is Attention.HIDDEN:
            self._timer.stop()
        else:
            self._timer.start(round(self._period * 1000))
        self._beat()

    def _beat(self) -> None:
        self._heartbeat.beat(self._period)

    def _noted(self, gap: GapView) -> None:
        self._count += 1
        self._gaps.append(gap)
        self.changed.emit()
