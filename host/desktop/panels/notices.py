"""The notifications, newest first, and whose are muted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from host.desktop.models.table import Column, Table
from host.desktop.muting import Muting
from host.desktop.notices import Notice, Notices
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder
from host.desktop.widgets.sliding import Sheet
from host.desktop.wording import grouped
from host.vocabulary.clock import clock

_ROWS = 8


class NoticesSheet(Sheet):
    """Once it is open, all counts as seen. ``chosen`` names a module to look at."""

    chosen = Signal(str)

    def __init__(self, notices: Notices, muting: Muting, look: Look, below: QWidget) -> None:
        super().__init__("notices.sheet", self.tr("Notifications"), below)
        self._notices = notices
        self._muting = muting
        self._table: Table[Notice] = Table(
            (
                Column(self.tr("When"), lambda row: clock(row.at), tone=lambda _: "muted"),
                Column(self.tr("Module"), lambda row: row.module, tone=self._tone),
                Column(self.tr("What happened"), self._text, tone=self._tone),
            ),
            lambda row: (row.kind, row.module),
            self,
        )
        self._view = ListView("notices.list", self.tr("Notifications"), self._table, look, {0: 10, 1: 16})
        self._view.setFixedHeight(_ROWS * (self._view.verticalHeader().defaultSectionSize() + 4))
        Placeholder(self._view, self.tr("Nothing happened that you should know of."))
        self._mute = self._button("notices.mute")
        self._mute.clicked.connect(self._toggle)
        self._show = self._button("notices.inspect", self.tr("Show module"))
        self._show.clicked.connect(self._choose)
        close = self._button("notices.close", self.tr("Close"))
        close.clicked.connect(self.dismiss)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in (self._mute, self._show, close):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(Plain(self.tr("Notifications"), role="title"))
        column.addWidget(self._view)
        column.addLayout(row)
        notices.changed.connect(self._refresh)
        self._view.selectionModel().selectionChanged.connect(self._judge)
        self._view.activated.connect(self._choose)
        self._refresh()

    @Slot()
    def offer(self) -> None:
        """Open; all that is there now was seen then."""
        self.open()
        self._notices.see_all()
        if not self._view.selectionModel().hasSelection():
            self._view.selectRow(0)
        self._view.setFocus(Qt.FocusReason.PopupFocusReason)

    def _button(self, name: str, text: str = "") -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        return button

    def _text(self, row: Notice) -> str:
        return self.tr("{0}  ({1} times)").format(row.text, grouped(row.count)) if row.count > 1 else row.text

    def _tone(self, row: Notice) -> str:
        return "muted" if row.module in self._muting.modules else ""

    @Slot()
    def _refresh(self) -> None:
        self._table.show(self._notices.rows)
        self._view.viewport().update()
        self._judge()

    @Slot()
    def _judge(self) -> None:
        module = self._module()
        muted = module in self._muting.modules
        self._mute.setText((self.tr("Hear of {0} again") if muted else self.tr("Mute {0}")).format(module))
        self._mute.setAccessibleName(self._mute.text())
        self._mute.setVisible(bool(module))
        self._show.setVisible(bool(module))

    def _module(self) -> str:
        rows = self._view.selectionModel().selectedRows()
        row = self._table.row(rows[0]) if rows else None
        return row.module if row is not None else ""

    @Slot()
    def _toggle(self) -> None:
        self._muting.toggle_module(self._module())

    @Slot()
    def _choose(self) -> None:
        if module := self._module():
            self.dismiss()
            self.chosen.emit(module)
