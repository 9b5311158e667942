"""What was done to a module: loads, swaps, and what was taken back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from host.desktop.commands import Commands
from host.desktop.models.columns import HISTORY
from host.desktop.models.table import Table
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.widgets.reading import Reading
from host.vocabulary.views import HistoryRow, ModuleView


class HistorySection(QWidget):
    """The rows of one module, newest first; a chosen row's version can be swapped in."""

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._module: ModuleView | None = None
        self._table: Table[HistoryRow] = Table(HISTORY, lambda row: row.id, self)
        self.setObjectName("history.section")
        self._view = ListView("history.list", self.tr("History"), self._table, look, {0: 11, 1: 10, 2: 18, 3: 14, 4: 9})
        Placeholder(self._view, self.tr("Nothing was done to this module yet."))
        self._words = Elided(tone="muted")
        self._words.setObjectName("history.words")
        self._swap = self._button("history.swap", self.tr("Swap to this version"), self._swap_to_chosen)
        self._back = self._button("history.rollback", self.tr("Roll back"), self._roll_back)
        strip = QFrame()
        strip.setProperty("ground", "strip")
        row = QHBoxLayout(strip)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        row.addWidget(self._swap)
        row.addWidget(self._back)
        self.setFocusProxy(self._view)
        stack_in(self, self._view, strip, grows=self._view)
        self._view.selectionModel().selectionChanged.connect(self._refresh)
        self._reading = Reading(self, commands.errands, self._read)
        self._reading.failed.connect(self._say)
        self._refresh()

    def inspect(self, view: ModuleView) -> None:
        if self._module is None or view.name != self._module.name:
            self._table.show(())
        if self._module is None or view != self._module:
            self._reading.again()
        self._module = view
        self._refresh()

    async def _read(self) -> None:
        module = self._module
        rows = await self._commands.source.history(module.name) if module else ()
        if module and self._module and module.name == self._module.name:
            self._table.show(rows)

    def _button(self, name: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    def _chosen(self) -> HistoryRow | None:
        chosen = self._view.selectionModel().selectedRows()
        return self._table.row(chosen[0]) if chosen else None

    @Slot()
    def _refresh(self) -> None:
        row, module = self._chosen(), self._module
        known = {version.version for version in module.versions} if module else set()
        self._swap.setEnabled(
            row is not None and module is not None and row.to_version in known and row.to_version != module.version
        )
        self._back.setEnabled(bool(module and module.rollback_to))
        if module and module.rollback_to:
            self._words.setText(self.tr("Roll back leads to {0}").format(module.rollback_to))
        else:
            self._words.setText(self.tr("There is nothing to roll back to"))

    @Slot()
    def _swap_to_chosen(self) -> None:
        row = self._chosen()
        if row is not None and self._module is not None:
            self._commands.swap(self._module.name, row.to_version)

    @Slot()
    def _roll_back(self) -> None:
        if self._module is not None:
            self._commands.roll_back(self._module.name)

    @Slot(str)
    def _say(self, text: str) -> None:
        self._words.setText(text)
