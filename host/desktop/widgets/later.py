"""Pages that are made when somebody first looks at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView


class Inspects(Protocol):
    """What such a page can do beside being a widget."""

    def inspect(self, view: ModuleView) -> None:
        """Show one module; called again whenever it changed, visible or not."""


class LaterPanel(QWidget):
    """Stands where a panel will be; ``make`` is called once at most, and what it made is hidden while nobody looks.

    Qt neither hides nor tells the docks behind a tab; ``attend`` takes the signal of the dock itself.
    """

    def __init__(self, make: Callable[[], QWidget]) -> None:
        super().__init__()
        self._make = make
        self._made: QWidget | None = None
        self._seen = False

    @Slot(bool)
    def attend_soon(self, seen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """The same, once what is to be drawn now is drawn: no first window waits for what is made."""
        self._seen = seen
        QTimer.singleShot(0, self._attend_next)

    @Slot()
    def _attend_next(self) -> None:
        """Who was there before the first frame comes before: the window, which begins to talk to the engine."""
        QTimer.singleShot(0, self._attend_now)

    @Slot()
    def _attend_now(self) -> None:
        self.attend(self._seen)

    @Slot(bool)
    def attend(self, seen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Somebody looks here, or no longer."""
        if seen and self._made is None:
            self._made = self._make()
            column = QVBoxLayout(self)
            column.setContentsMargins(0, 0, 0, 0)
            column.addWidget(self._made)
            self.setFocusProxy(self._made)
        if self._made is not None:
            self._made.setVisible(seen)


class Later(LaterPanel):
    """The same for a page about one module; keeps for it which one is looked at."""

    def __init__(self, make: Callable[[], tuple[QWidget, Inspects]]) -> None:
        super().__init__(self._made_page)
        self._make_page = make
        self._view: ModuleView | None = None
        self._page: Inspects | None = None

    def inspect(self, view: ModuleView) -> None:
        self._view = view
        if self._page is not None:
            self._page.inspect(view)

    def showEvent(self, event: QShowEvent) -> None:
        self.attend(seen=True)
        super().showEvent(event)

    def _made_page(self) -> QWidget:
        widget, self._page = self._make_page()
        if self._view is not None:
            self._page.inspect(self._view)
        return widget
