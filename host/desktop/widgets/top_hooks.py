"""The hooks of a module that take most of its time now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.models.activity import Active, Key, rated
from host.desktop.models.table import Column, Table
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.desktop.widgets.reading import Reading
from host.desktop.wording import millis

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView

MOST: Final = 4


class TopHooks(QWidget):
    """Asked for once a second while it is seen; not there where nothing was called."""

    def __init__(self, commands: Commands, look: Look, page: QWidget) -> None:
        """Make it; ``page`` is what has to be seen."""
        super().__init__()
        self._commands = commands
        self._name = ""
        self._calls: dict[Key, int] = {}
        self._read_at = 0.0
        self._table: Table[Active] = Table(
            (
                Column(self.tr("Hook"), lambda each: each.row.name),
                Column(self.tr("Calls/s"), lambda each: millis(each.rate or 0.0), number=True),
                Column(self.tr("Mean ms"), lambda each: millis(each.row.mean_ms), number=True),
                Column(self.tr("ms/s"), lambda each: millis(_spent(each)), number=True),
            ),
            lambda each: each.key,
            self,
        )
        self.setObjectName("overview.top_hooks")
        self._view = ListView("overview.hooks", self.tr("Top hooks"), self._table, look, {0: 30, 1: 10, 2: 10, 3: 10})
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Plain(self.tr("Top hooks"), role="caption"))
        column.addWidget(self._view)
        self.hide()
        self._reading = Reading(page, commands.errands, self._read)

    def inspect(self, view: ModuleView) -> None:
        if view.name != self._name:
            self._name, self._calls = view.name, {}
            self._show(())
            self._reading.again()

    async def _read(self) -> None:
        name = self._name
        rows = await self._commands.source.activity(name) if name else ()
        if name == self._name:
            now = time.monotonic()
            active = rated([row for row in rows if row.kind == "hook"], self._calls, now - self._read_at)
            self._calls, self._read_at = {each.key: each.row.calls for each in active}, now
            called = [each for each in active if each.row.calls]
            self._show(sorted(called, key=lambda each: (-_spent(each), -each.row.calls, each.row.name))[:MOST])

    def _show(self, rows: tuple[Active, ...] | list[Active]) -> None:
        self._table.show(rows)
        self.setVisible(bool(rows))
        self._view.setFixedHeight((len(rows) + 1) * (self._view.verticalHeader().defaultSectionSize() + 2) + 4)


def _spent(each: Active) -> float:
    """Milliseconds a second."""
    return (each.rate or 0.0) * each.row.mean_ms
