"""A sheet that slides over its neighbour and leaves the rest of the window alone."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QWidget

SLIDE_MS: Final = 140


class Sheet(QFrame):
    """Modeless; as wide as what lies below it allows, as high as it needs. ``closed`` follows each closing."""

    closed = Signal()

    def __init__(
        self, name: str, title: str, below: QWidget, *, widest: int = 760, top: int = 8, text_alone: bool = False
    ) -> None:
        """Make one.

        Args:
            name: its objectName.
            title: its accessible name.
            below: what it slides over.
            widest: pixels.
            top: pixels between the upper edges.
            text_alone: whether all in it wraps, so that its width says its height.
        """
        super().__init__(below)
        self._below = below
        self._widest = widest
        self._top = top
        self._text_alone = text_alone
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setProperty("ground", "sheet")
        self.setAutoFillBackground(True)
        self._slide = QPropertyAnimation(self, b"pos", self)
        self._slide.setDuration(SLIDE_MS)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        below.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Slide in from above, or come to the front."""
        place = self._place()
        if self.isHidden():
            self.move(place.x(), -self.height())
            self.show()
            self._slide.setStartValue(self.pos())
            self._slide.setEndValue(place)
            self._slide.start()
        self.raise_()

    def fit(self) -> None:
        """Become as high as the contents need, once the layouts within have heard of them."""
        QTimer.singleShot(0, self._resettle)

    @Slot()
    def _resettle(self) -> None:
        if not self.isHidden():
            self._place()

    @Slot()
    def dismiss(self) -> None:
        if not self.isHidden():
            self.hide()
            self._below.setFocus()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._slide.stop()
            self.move(self._place())
        return super().eventFilter(watched, event)

    def _place(self) -> QPoint:
        width = min(self._below.width() - 32, self._widest)
        needed = self.heightForWidth(width)
        if not self._text_alone:
            needed = max(needed, self.sizeHint().height())
        self.resize(width, min(needed, self._below.height() - 2 * self._top))
        return QPoint((self._below.width() - width) // 2, self._top)
