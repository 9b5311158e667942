"""What a module has registered, how often it is called and how long that takes; and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from host.desktop.commands import Commands, Refusal
from host.desktop.models.activity import ACTIVITY, Active, Key, rated
from host.desktop.models.table import Table
from host.desktop.theme.look import Look
from host.desktop.widgets.flowing import flowing_bar, gap
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.widgets.reading import Reading
from host.vocabulary.clock import clock
from host.vocabulary.errors import HostError

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView


class ActivitySection(QWidget):
    """Hooks, timers, tasks and exports of the module that is looked at, asked for once a second.

    A hook is fired with the argument that is typed beside it.
    """

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._name = ""
        self._calls: dict[Key, int] = {}
        self._read_at = 0.0
        self._table: Table[Active] = Table(ACTIVITY, lambda each: each.key, self)
        self.setObjectName("activity.section")
        self._message = Plain(tone="warn", wrap=True)
        self._message.setObjectName("activity.message")
        self._message.setContentsMargins(16, 8, 16, 8)
        self._message.hide()
        widths = {0: 6, 1: 19, 2: 17, 3: 6, 4: 7, 5: 18, 6: 7, 7: 6, 8: 6}
        self._view = ListView("activity.list", self.tr("Activity"), self._table, look, widths)
        Placeholder(self._view, self.tr("Nothing registered."))
        self._argument = QLineEdit()
        self._argument.setObjectName("activity.argument")
        self._argument.setAccessibleName(self.tr("Argument of the hook, as JSON"))
        self._argument.setPlaceholderText(self.tr('Argument, as JSON: {"text": "hi"}'))
        self._argument.returnPressed.connect(self._fire)
        self._fire_button = self._button("activity.fire", self.tr("Fire once"), self._fire)
        self._mute = self._button("activity.mute", self.tr("Mute"), self._mute_chosen)
        self._cancel = self._button("activity.cancel", self.tr("Cancel"), self._cancel_chosen)
        strip = flowing_bar(self._argument, gap(), self._fire_button, self._mute, self._cancel, ground="strip")
        self.setFocusProxy(self._view)
        stack_in(self, self._message, self._view, strip, grows=self._view)
        self._view.selectionModel().selectionChanged.connect(self._judge)
        self._table.dataChanged.connect(self._judge)
        self._reading = Reading(self, commands.errands, self._read)
        self._reading.failed.connect(self._say)
        commands.done.connect(self._reading.again)
        self._judge()

    def inspect(self, view: ModuleView) -> None:
        if view.name != self._name:
            self._name = view.name
            self._calls = {}
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
            now = time.monotonic()
            active = rated(rows, self._calls, now - self._read_at)
            self._calls, self._read_at = {each.key: each.row.calls for each in active}, now
            self._table.show(active)
            self._message.hide()
            self._judge()

    def _button(self, name: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    def _chosen(self) -> Active | None:
        rows = self._view.selectionModel().selectedRows()
        return self._table.row(rows[0]) if rows else None

    @Slot()
    def _judge(self) -> None:
        """Only what can be done with the chosen one is offered."""
        chosen = self._chosen()
        kind = chosen.row.kind if chosen is not None and chosen.row.id else ""
        muted = chosen is not None and chosen.row.muted
        self._argument.setEnabled(kind == "hook" and not muted)
        self._fire_button.setEnabled(kind in {"hook", "timer"} and not muted)
        self._mute.setEnabled(kind in {"hook", "timer"})
        self._mute.setText(self.tr("Unmute") if muted else self.tr("Mute"))
        self._mute.setAccessibleName(self._mute.text())
        self._cancel.setEnabled(kind in {"timer", "task"})

    @Slot()
    def _fire(self) -> None:
        chosen = self._chosen()
        if chosen is None or not self._fire_button.isEnabled():
            return
        import json  # noqa: PLC0415 - the first window does not wait for it

        text = self._argument.text().strip() if chosen.row.kind == "hook" else ""
        try:
            argument = json.loads(text) if text else None
        except ValueError:
            words = self.tr('{0} is no JSON; a text stands in quotes, as in "hi"; nothing was fired').format(text)
            self._commands.refused.emit(Refusal(self._name, words, HostError.code))
        else:
            self._commands.fire(self._name, chosen.row.id, chosen.row.name, argument)

    @Slot()
    def _mute_chosen(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._commands.mute(self._name, chosen.row.id, chosen.row.name, on=not chosen.row.muted)

    @Slot()
    def _cancel_chosen(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._commands.cancel(self._name, chosen.row.id, chosen.row.name)

    @Slot(str)
    def _say(self, text: str) -> None:
        self._table.show(())
        self._message.setText(text)
        self._message.show()
