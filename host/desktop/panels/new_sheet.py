"""The sheet that makes a module from the template."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRegularExpression, Qt, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.sliding import Sheet
from host.vocabulary.identity import Tier

_NAME: Final = "[a-z][a-z0-9_]{0,63}"


class NewSheet(Sheet):
    """Asks for a name and a tier; what cannot be a name cannot be typed."""

    def __init__(self, commands: Commands, below: QWidget) -> None:
        super().__init__("new.sheet", self.tr("Make a module"), below, widest=560)
        self._commands = commands
        title = Plain(self.tr("Make a module"), role="title")
        words = Plain(
            self.tr("It loads, keeps a state, answers a hook and has a test. Change its init.lua; each save is live."),
            tone="muted",
            wrap=True,
        )
        self._name = QLineEdit()
        self._name.setObjectName("new.name")
        self._name.setAccessibleName(self.tr("Name of the module"))
        self._name.setPlaceholderText(self.tr("Name: small letters, digits and _"))
        self._name.setValidator(QRegularExpressionValidator(QRegularExpression(_NAME), self._name))
        self._name.textChanged.connect(self._judge)
        self._name.returnPressed.connect(self._make)
        self._tier = QComboBox()
        self._tier.setObjectName("new.tier")
        self._tier.setAccessibleName(self.tr("Tier"))
        self._tier.addItems([str(tier) for tier in Tier])
        self._tier.setCurrentText(str(Tier.PLUGINS))
        self._accept = QPushButton(self.tr("Make"))
        self._accept.setObjectName("new.accept")
        self._accept.setAccessibleName(self._accept.text())
        self._accept.setProperty("primary", "true")
        self._accept.clicked.connect(self._make)
        close = QPushButton(self.tr("Close"))
        close.setObjectName("new.close")
        close.setAccessibleName(close.text())
        close.clicked.connect(self.dismiss)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._tier)
        row.addWidget(self._name, 1)
        row.addWidget(self._accept)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(words)
        column.addLayout(row)
        self._judge()

    @Slot()
    def offer(self) -> None:
        self._name.clear()
        self.open()
        self._name.setFocus(Qt.FocusReason.PopupFocusReason)

    @Slot()
    def _judge(self) -> None:
        self._accept.setEnabled(self._name.hasAcceptableInput())

    @Slot()
    def _make(self) -> None:
        if self._name.hasAcceptableInput():
            self._commands.make(self._name.text(), self._tier.currentText())
            self.dismiss()
