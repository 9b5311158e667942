"""What this program is, in which versions, and where it keeps its things; for a report, all can be copied."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from PySide6 import __version__ as binding
from PySide6.QtCore import Qt, Slot, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from host.desktop.theme.icons import program_icon
from host.desktop.translation import marked
from host.desktop.widgets.labels import Elided, Plain
from host.desktop.widgets.sliding import Sheet
from host.protocol.launching import LOG_NAME
from host.vocabulary.identity import CONTRACT_VERSION, HOST_VERSION

_ICON_SIDE = 64


class AboutSheet(Sheet):
    """Facts by name; what is too long for its line is whole in its tip, and in the copy."""

    def __init__(self, data: Path, below: QWidget) -> None:
        super().__init__("about.sheet", self.tr("About Theseus"), below, widest=640)
        self._facts = facts(data)
        icon = QLabel()
        icon.setTextFormat(Qt.TextFormat.PlainText)
        icon.setObjectName("about.icon")
        icon.setPixmap(program_icon().pixmap(_ICON_SIDE, _ICON_SIDE))
        words = Plain(self.tr("Theseus replaces Lua modules while they run, plank by plank."), wrap=True)
        words.setObjectName("about.words")
        self._copy = self._button("about.copy", self.tr("Copy"))
        self._copy.clicked.connect(self._copy_facts)
        close = self._button("about.close", self.tr("Close"))
        close.clicked.connect(self.dismiss)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(icon)
        head.addWidget(words, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        for at, (name, text) in enumerate(self._facts):
            grid.addWidget(Plain(self.tr(name), role="key"), at, 0)
            grid.addWidget(Elided(text), at, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self._copy)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(grid)
        column.addLayout(buttons)

    @Slot()
    def tell(self) -> None:
        self.open()
        self.fit()
        self._copy.setFocus(Qt.FocusReason.PopupFocusReason)

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        return button

    @Slot()
    def _copy_facts(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{name}: {text}" for name, text in self._facts))


def facts(data: Path) -> tuple[tuple[str, str], ...]:
    """Versions and places, by name."""
    return (
        (marked("AboutSheet", "Theseus"), HOST_VERSION),
        (marked("AboutSheet", "Contract for modules"), CONTRACT_VERSION),
        (marked("AboutSheet", "Python"), f"{platform.python_version()}, {sys.executable}"),
        (marked("AboutSheet", "Window"), f"PySide6 {binding}, Qt {qVersion()}, {QGuiApplication.platformName()}"),
        (marked("AboutSheet", "System"), platform.platform()),
        (marked("AboutSheet", "Program"), str(Path(__file__).parents[3])),
        (marked("AboutSheet", "Data folder"), str(data)),
        (marked("AboutSheet", "Engine's log"), str(data / LOG_NAME)),
    )
