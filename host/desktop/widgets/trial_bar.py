"""The strip that asks, while a bad module is sought, whether it is bad now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout

from host.desktop.translation import marked
from host.desktop.widgets.labels import Plain, restyle

if TYPE_CHECKING:
    from host.vocabulary.views import BisectionView

_BUTTONS: Final = (
    ("bad", marked("TrialBar", "Yes"), marked("TrialBar", "Yes, it is bad")),
    ("good", marked("TrialBar", "No"), marked("TrialBar", "No, it is good")),
    ("back", marked("TrialBar", "Back"), marked("TrialBar", "Take the last answer back")),
    ("end", marked("TrialBar", "End"), marked("TrialBar", "End it, and all that ran before comes back")),
)


class TrialBar(QFrame):
    """Hidden while nothing is sought. ``answered`` carries a step of the search."""

    answered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("trial.bar")
        self.setAccessibleName(self.tr("Finding a bad module"))
        self._text = Plain(wrap=True)
        self._text.setObjectName("trial.text")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self._text)
        row = QHBoxLayout()
        row.setSpacing(8)
        column.addLayout(row)
        self._buttons: dict[str, QPushButton] = {}
        for step, words, tip in _BUTTONS:
            button = QPushButton(self.tr(words))
            button.setObjectName(f"trial.{step}")
            button.setAccessibleName(self.tr(tip))
            button.setToolTip(self.tr(tip))
            button.clicked.connect(self._clicked)
            row.addWidget(button)
            self._buttons[step] = button
        row.addStretch(1)
        self.hide()

    def show_search(self, view: BisectionView) -> None:
        """Say how far the search is; hidden where none is under way."""
        self.setVisible(view.total > 0)
        most = self.tr("  At most {0} to go, if one is bad by itself.").format(view.most) if view.most else ""
        self._text.setText(f"{view.text}{most}")
        restyle(self, "banner", "good" if view.over else "busy")
        for step in ("bad", "good"):
            self._buttons[step].setVisible(not view.over)
        self._buttons["back"].setVisible(view.answers > 0)
        self.wait(waiting=False)

    def wait(self, *, waiting: bool) -> None:
        """Take no answer while modules come and go."""
        for button in self._buttons.values():
            button.setEnabled(not waiting)

    @Slot()
    def _clicked(self) -> None:
        self.answered.emit(self.sender().objectName().partition(".")[2])
