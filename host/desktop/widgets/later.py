"""A page that is made when somebody first looks at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from host.vocabulary.views import ModuleView


class Inspects(Protocol):
    """What such a page can do beside being a widget."""

    def inspect(self, view: ModuleView) -> None:
        """Show one module; called again whenever it changed, visible or not."""


class Later(QWidget):
    """Stands where the page will be, and keeps for it which module is looked at; ``make`` is called once at most."""

    def __init__(self, make: Callable[[], tuple[QWidget, Inspects]]) -> None:
        super().__init__()
        self._make = make
        self._view: ModuleView | None = None
        self._page: Inspects | None = None

    def inspect(self, view: ModuleView) -> None:
        self._view = view
        if self._page is not None:
            self._page.inspect(view)

    def showEvent(self, event: QShowEvent) -> None:
        if self._page is None:
            widget, self._page = self._make()
            column = QVBoxLayout(self)
            column.setContentsMargins(0, 0, 0, 0)
            column.addWidget(widget)
            self.setFocusProxy(widget)
            if self._view is not None:
                self._page.inspect(self._view)
        super().showEvent(event)
