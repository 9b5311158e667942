"""What was done to a module: loads, swaps, and what was taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QAbstractItemView, QPushButton, QWidget

from host.desktop.commands import Commands
from host.desktop.models.columns import HISTORY
from host.desktop.models.table import Table
from host.desktop.theme.look import Look
from host.desktop.widgets.flowing import flowing_bar
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.widgets.reading import Reading
from host.vocabulary.states import RUNNING

if TYPE_CHECKING:
    from host.desktop.widgets.comparison import ComparisonView
    from host.vocabulary.views import HistoryRow, ModuleView


class HistorySection(QWidget):
    """The rows of one module, newest first; what ran after a chosen one can come back, and two can be compared."""

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._module: ModuleView | None = None
        self._table: Table[HistoryRow] = Table(HISTORY, lambda row: row.id, self)
        self.setObjectName("history.section")
        self._view = ListView("history.list", self.tr("History"), self._table, look, {0: 11, 1: 10, 2: 18, 3: 14, 4: 9})
        self._view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        Placeholder(self._view, self.tr("Nothing was done to this module yet."))
        self._look = look
        self._comparison: ComparisonView | None = None
        self._words = Elided(tone="muted")
        self._words.setObjectName("history.words")
        self._swap = self._button("history.swap", self.tr("Swap to this version"), self._swap_to_chosen)
        self._return = self._button("history.return", self.tr("Go back to this"), self._go_back_to_chosen)
        self._compare = self._button("history.compare", self.tr("Compare"), self._compare_chosen)
        self._back = self._button("history.rollback", self.tr("Roll back"), self._roll_back)
        strip = flowing_bar(self._words, self._compare, self._swap, self._return, self._back, ground="strip")
        self.setFocusProxy(self._view)
        self._column = stack_in(self, self._view, strip, grows=self._view)
        self._view.selectionModel().selectionChanged.connect(self._refresh)
        self._reading = Reading(self, commands.errands, self._read)
        self._reading.failed.connect(self._say)
        self._refresh()

    def inspect(self, view: ModuleView) -> None:
        if self._module is None or view.name != self._module.name:
            self._table.show(())
            if self._comparison is not None:
                self._comparison.hide()
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

    def _chosen(self) -> list[HistoryRow]:
        """The chosen rows, oldest first."""
        rows = (self._table.row(index) for index in self._view.selectionModel().selectedRows())
        return sorted((row for row in rows if row is not None), key=lambda row: row.id)

    def _one(self) -> HistoryRow | None:
        chosen = self._chosen()
        return chosen[0] if len(chosen) == 1 else None

    @Slot()
    def _refresh(self) -> None:
        row, module = self._one(), self._module
        self._compare.setEnabled(len(self._chosen()) in {1, 2})
        self._return.setEnabled(row is not None and row.reachable and bool(module and module.status in RUNNING))
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
    def _go_back_to_chosen(self) -> None:
        row = self._one()
        if row is not None and self._module is not None:
            self._commands.roll_back(self._module.name, row.id)

    @Slot()
    def _compare_chosen(self) -> None:
        chosen = self._chosen()
        if self._module is not None and len(chosen) in {1, 2}:
            later = chosen[1].id if len(chosen) == 2 else None
            comparing = self._compare_points(self._module.name, chosen[0].id, later)
            self._commands.errands.run(self._reading.attempt(comparing), "compare")

    async def _compare_points(self, name: str, earlier: int, later: int | None) -> None:
        found = await self._commands.source.compare(name, earlier, later)
        if self._module is not None and self._module.name == name:
            self._told().show_comparison(found)

    def _told(self) -> ComparisonView:
        """Where comparisons are told; made with the first."""
        if self._comparison is None:
            from host.desktop.widgets.comparison import ComparisonView  # noqa: PLC0415 - no first window waits for it

            self._comparison = ComparisonView(self._look)
            self._column.insertWidget(1, self._comparison)
        return self._comparison

    @Slot()
    def _swap_to_chosen(self) -> None:
        row = self._one()
        if row is not None and self._module is not None:
            self._commands.swap(self._module.name, row.to_version)

    @Slot()
    def _roll_back(self) -> None:
        if self._module is not None:
            self._commands.roll_back(self._module.name)

    @Slot(str)
    def _say(self, text: str) -> None:
        self._words.setText(text)
