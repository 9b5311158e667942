"""When the window or the engine did nothing else for a while, and what each was at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.models.gaps import GAPS, Gap, merged
from host.desktop.models.table import Table
from host.desktop.pulse import Pulse
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder
from host.desktop.widgets.reading import Reading
from host.desktop.widgets.sliding import Sheet

if TYPE_CHECKING:
    from host.vocabulary.views import GapView

_ROWS = 6


class GapsSheet(Sheet):
    """Once it is open, all count as seen; the engine's are asked for while it is. ``chosen`` names a module."""

    chosen = Signal(str)

    def __init__(self, pulse: Pulse, commands: Commands, look: Look, below: QWidget) -> None:
        super().__init__("gaps.sheet", self.tr("Gaps"), below)
        self._pulse = pulse
        self._commands = commands
        self._engine: Sequence[GapView] = ()
        self._table: Table[Gap] = Table(GAPS, lambda gap: (gap.loop, gap.view.at), self)
        self._view = ListView("gaps.list", self.tr("Gaps"), self._table, look, {0: 10, 1: 9, 2: 7, 3: 9})
        self._view.setFixedHeight(_ROWS * (self._view.verticalHeader().defaultSectionSize() + 4))
        Placeholder(self._view, self.tr("Neither the window nor the engine was late."))
        self._report = QPlainTextEdit()
        self._report.setObjectName("gaps.report")
        self._report.setAccessibleName(self.tr("All that is known of the gap"))
        self._report.setReadOnly(True)
        self._report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._report.setTabChangesFocus(True)
        self._copy = self._button("gaps.copy", self.tr("Copy"), self._copy_report)
        self._show = self._button("gaps.inspect", self.tr("Show module"), self._choose)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in (self._copy, self._show, self._button("gaps.close", self.tr("Close"), self.dismiss)):
            row.addWidget(button)
        words = Plain(
            self.tr("Times of more than 0.1 s in which nothing else was done: clicks and events waited meanwhile."),
            tone="muted",
            wrap=True,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        for widget in (Plain(self.tr("Gaps"), role="title"), words, self._view, self._report):
            column.addWidget(widget)
        column.addLayout(row)
        pulse.changed.connect(self._refresh)
        self._view.selectionModel().selectionChanged.connect(self._judge)
        self._view.activated.connect(self._choose)
        self._reading = Reading(self, commands.errands, self._read)
        self._refresh()

    @Slot()
    def offer(self) -> None:
        """Open; all that is there now was seen then."""
        self.open()
        self._pulse.see_all()
        if not self._view.selectionModel().hasSelection():
            self._view.selectRow(0)
        self._view.setFocus(Qt.FocusReason.PopupFocusReason)

    async def _read(self) -> None:
        self._engine = await self._commands.source.gaps()
        self._pulse.see_all()
        self._refresh()

    def _button(self, name: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    def _current(self) -> Gap | None:
        rows = self._view.selectionModel().selectedRows()
        return self._table.row(rows[0]) if rows else None

    @Slot()
    def _refresh(self) -> None:
        self._table.show(merged(self._pulse.gaps, self._engine))
        self._judge()

    @Slot()
    def _judge(self) -> None:
        gap = self._current()
        report = gap.report if gap is not None else ""
        if report != self._report.toPlainText():
            self._report.setPlainText(report)
        self._copy.setEnabled(gap is not None)
        self._show.setVisible(gap is not None and bool(gap.view.module))

    @Slot()
    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())

    @Slot()
    def _choose(self) -> None:
        gap = self._current()
        if gap is not None and gap.view.module:
            self.dismiss()
            self.chosen.emit(gap.view.module)
