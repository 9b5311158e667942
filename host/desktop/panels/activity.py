"""What a module has registered, how often it is called and how long that takes."""

from __future__ import annotations

import time

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from host.desktop.commands import Commands
from host.desktop.models.columns import ACTIVITY
from host.desktop.models.table import Table
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.widgets.reading import Reading
from host.vocabulary.clock import clock
from host.vocabulary.views import ActivityRow, ModuleView


class ActivitySection(QWidget):
    """Hooks, timers and exports of the module that is looked at, asked for once a second."""

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._name = ""
        self._table: Table[ActivityRow] = Table(ACTIVITY, _key, self)
        self.setObjectName("activity.section")
        self._message = Plain(tone="warn", wrap=True)
        self._message.setObjectName("activity.message")
        self._message.setContentsMargins(16, 8, 16, 8)
        self._message.hide()
        self._view = ListView(
            "activity.list", self.tr("Activity"), self._table, look, {0: 8, 1: 24, 2: 16, 3: 8, 4: 8, 5: 8, 6: 6}
        )
        Placeholder(self._view, self.tr("Nothing registered."))
        self.setFocusProxy(self._view)
        stack_in(self, self._message, self._view, grows=self._view)
        self._reading = Reading(self, commands.errands, self._read)
        self._reading.failed.connect(self._say)

    def inspect(self, view: ModuleView) -> None:
        if view.name != self._name:
            self._name = view.name
            self._table.show(())
            self._reading.again()

    @Slot(bool)
    def freeze(self, frozen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Keep what is shown as it is, or follow the module again."""
        self._reading.hold(on=frozen)
        self._message.setText(self.tr("Frozen at {0}; F8 lets it go on.").format(clock(time.time())))
        self._message.setVisible(frozen)

    async def _read(self) -> None:
        name = self._name
        rows = await self._commands.source.activity(name) if name else ()
        if name == self._name:
            self._table.show(rows)
            self._message.hide()

    @Slot(str)
    def _say(self, text: str) -> None:
        self._table.show(())
        self._message.setText(text)
        self._message.show()


def _key(row: ActivityRow) -> tuple[str, str, str]:
    return row.kind, row.name, row.detail
