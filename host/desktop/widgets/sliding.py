"""A sheet that slides over its neighbour and leaves the rest of the window alone."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QFrame, QWidget
from shiboken6 import isValid

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
        self._left: QWidget | None = None
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
            self._left = QApplication.focusWidget()
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
            left, self._left = self._left, None
            (left if left is not None and isValid(left) and left.isVisible() else self._below).setFocus()
            self.closed.emit()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001 - as Qt has it
        """Tab goes round within the sheet; what it hides is not to be walked through."""
        stops = self._stops()
        focused = QApplication.focusWidget()
        if focused not in stops:
            return super().focusNextPrevChild(forward)
        following = stops[(stops.index(focused) + (1 if forward else -1)) % len(stops)]
        following.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        return True

    def _stops(self) -> list[QWidget]:
        """What in it takes the keyboard by Tab, in Qt's order."""
        found: list[QWidget] = []
        each = self.nextInFocusChain()
        while each is not None and each is not self:
            if self.isAncestorOf(each) and each.isVisible() and each.isEnabled() and each.focusProxy() is None:
                found += [each] * bool(each.focusPolicy() & Qt.FocusPolicy.TabFocus)
            each = each.nextInFocusChain()
        return found

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
