"""The strip of the tour: which step it is, what to do, and a way out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy

from host.desktop.widgets.labels import Plain, restyle


class TourBar(QFrame):
    """``helped`` asks to be led to where the step is done, ``left`` ends it."""

    helped = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("tour.bar")
        self.setAccessibleName(self.tr("Tour"))
        self._text = Plain(wrap=True)
        self._text.setObjectName("tour.text")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._help = QPushButton()
        self._help.setObjectName("tour.help")
        self._help.clicked.connect(self.helped)
        self._leave = QPushButton()
        self._leave.setObjectName("tour.leave")
        self._leave.clicked.connect(self.left)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        row.addWidget(self._help)
        row.addWidget(self._leave)

    def say(self, text: str, tone: str, way: str, out: str) -> None:
        """Show a step; ``way`` and ``out`` are the words of the buttons, none where they are empty."""
        self._text.setText(text)
        restyle(self, "banner", tone)
        for button, words in ((self._help, way), (self._leave, out)):
            button.setText(words)
            button.setAccessibleName(words)
            button.setVisible(bool(words))
        self.show()
