"""Why a module is as it is: sentences to click, and what may mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from host.desktop.reasons import MOST, Reason
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.link import Link
from host.desktop.widgets.sliding import Sheet

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView


class WhySheet(Sheet):
    """At most five sentences, each leading somewhere, then the acts that may help. ``chosen`` carries a reason."""

    chosen = Signal(object)

    def __init__(self, below: QWidget) -> None:
        super().__init__("why.sheet", self.tr("Why the module is as it is"), below, text_alone=True)
        self._title = Plain(role="title")
        self._title.setObjectName("why.title")
        self._name = ""
        self._reasons: tuple[Reason, ...] = ()
        self._links = [Link(f"why.reason_{at}") for at in range(MOST)]
        self._fixes = QHBoxLayout()
        self._fixes.setSpacing(8)
        self._fixes.addStretch(1)
        self._buttons: list[QPushButton] = []
        close = QPushButton(self.tr("Close"))
        close.setObjectName("why.close")
        close.setAccessibleName(self.tr("Close"))
        close.clicked.connect(self.dismiss)
        self._fixes.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(self._title)
        for link in self._links:
            link.clicked.connect(self._clicked)
            column.addWidget(link)
        column.addLayout(self._fixes)

    def inspect(self, view: ModuleView) -> None:
        """Another module closes it: what it offers is done to the one that is looked at."""
        if view.name != self._name:
            self.dismiss()

    def explain(self, name: str, reasons: Sequence[Reason], fixes: Sequence[QAction]) -> None:
        """Open with the reasons of one module."""
        self._name = name
        self._title.setText(self.tr("Why is {0} as it is?").format(name))
        self._reasons = tuple(reasons)
        for at, link in enumerate(self._links):
            link.setVisible(at < len(reasons))
            link.setText(reasons[at].text if at < len(reasons) else "")
        self._offer(fixes)
        self.open()
        self.fit()
        self._links[0].setFocus(Qt.FocusReason.PopupFocusReason)

    def _offer(self, fixes: Sequence[QAction]) -> None:
        for button in self._buttons:
            self._fixes.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for at, action in enumerate(fixes):
            button = QPushButton(action.text())
            button.setObjectName(f"why.fix_{at}")
            button.setAccessibleName(action.text())
            button.setProperty("primary", "true" if at == 0 else "false")
            button.clicked.connect(self.dismiss)
            button.clicked.connect(action.trigger)
            self._fixes.insertWidget(at, button)
            self._buttons.append(button)

    @Slot()
    def _clicked(self) -> None:
        at = self._links.index(self.sender())  # type: ignore[arg-type]  # one of the links
        self.dismiss()
        self.chosen.emit(self._reasons[at])
