"""What was done to all modules, newest first, and the way back from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.models.columns import TIMELINE, change
from host.desktop.models.ring import Ring
from host.desktop.models.table import Table
from host.desktop.reversing import Reversal, Standing, back_to
from host.desktop.theme.look import Look
from host.desktop.widgets.flowing import flowing_bar
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.widgets.reading import Reading
from host.desktop.wording import pause
from host.vocabulary.clock import clock
from host.vocabulary.states import Outcome

if TYPE_CHECKING:
    from host.vocabulary.events import Event
    from host.vocabulary.views import HistoryRow

_PERIOD_S: Final = 5.0
_NEEDED: Final = {3: 64, 4: 76, 5: 100}
"""Characters of width, with less than which a column is left out: version, pause, and what changed."""


class TimelinePanel(QWidget):
    """The acts; read again when something happened, and not while nobody looks. ``chosen`` names a module."""

    chosen = Signal(str)

    def __init__(self, commands: Commands, events: Ring[Event], look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._table: Table[HistoryRow] = Table(TIMELINE, lambda row: row.id, self)
        self.setObjectName("timeline.panel")
        self._view = ListView(
            "timeline.list", self.tr("Timeline"), self._table, look, {0: 9, 1: 11, 2: 16, 3: 18, 4: 9}
        )
        Placeholder(self._view, self.tr("Acts appear here."))
        self._words = Elided(tone="muted")
        self._words.setObjectName("timeline.words")
        self._revert = self._button("timeline.revert", self.tr("Take back"), self._take_back)
        self._return = self._button("timeline.return", self.tr("Back to here"), self._go_back)
        strip = QFrame()
        strip.setProperty("ground", "strip")
        down = QVBoxLayout(strip)
        down.setContentsMargins(12, 6, 8, 2)
        down.setSpacing(0)
        down.addWidget(self._words)
        buttons = flowing_bar(self._revert, self._return)
        buttons.layout().setContentsMargins(0, 6, 0, 4)  # type: ignore[union-attr]  # made a line above
        down.addWidget(buttons)
        self.setFocusProxy(self._view)
        stack_in(self, self._view, strip, grows=self._view)
        self._view.selectionModel().selectionChanged.connect(self._judge)
        self._view.activated.connect(self._inspect)
        self._reading = Reading(self, commands.errands, self._read, _PERIOD_S)
        self._reading.failed.connect(self._words.setText)
        events.rowsInserted.connect(self._reading.again)
        self._judge()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, the strip below says of the chosen act what has no column."""
        super().resizeEvent(event)
        characters = self.width() // self.fontMetrics().averageCharWidth()
        for column, needed in _NEEDED.items():
            self._view.setColumnHidden(column, characters < needed)

    def _button(self, name: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    async def _read(self) -> None:
        self._table.show(await self._commands.source.timeline())
        self._judge()

    def _current(self) -> HistoryRow | None:
        chosen = self._view.selectionModel().selectedRows()
        return self._table.row(chosen[0]) if chosen else None

    @Slot()
    def _judge(self) -> None:
        row = self._current()
        self._revert.setEnabled(row is not None and taken_back(row, self._table.rows) is not None)
        back = gone_back(row, self._table.rows) if row is not None else None
        self._return.setEnabled(back is not None)
        if row is None:
            self._words.setText(self.tr("Choose an act to take it back, or to go back to the time after it."))
        else:
            words = filter(None, (f"{row.kind} {row.module}", change(row), pause(row.pause_s), clock(row.at)))
            self._words.setText(row.error or ", ".join(words))

    @Slot()
    def _take_back(self) -> None:
        row = self._current()
        back = taken_back(row, self._table.rows) if row is not None else None
        if back is not None:
            self._commands.return_to(back)

    @Slot()
    def _go_back(self) -> None:
        row = self._current()
        back = gone_back(row, self._table.rows) if row is not None else None
        if back is not None:
            self._commands.return_to(back)

    @Slot()
    def _inspect(self) -> None:
        row = self._current()
        if row is not None:
            self.chosen.emit(row.module)


def taken_back(row: HistoryRow, rows: Sequence[HistoryRow]) -> Reversal | None:
    """The way from what an act did to what was before it; nothing where it did nothing, or that is not known.

    Args:
        row: the act.
        rows: of all modules, newest first.
    """
    if row.outcome is not Outcome.COMMITTED:
        return None
    before = [each for each in rows if each.id < row.id]
    if row.kind not in {"load", "unload"} and _last(row.module, before) is None:
        return None
    stood = Standing({}) if row.kind == "load" else _stood(before, (row.module,))
    return back_to(stood, row.module, f"{row.kind} {row.module}", (row.module,))


def gone_back(row: HistoryRow, rows: Sequence[HistoryRow]) -> Reversal | None:
    """The way to how all modules stood after an act; nothing where nothing was done since."""
    since = [each for each in rows if each.id > row.id and each.outcome is Outcome.COMMITTED]
    touched = list(dict.fromkeys(each.module for each in reversed(since)))
    if not touched:
        return None
    before = [each for each in rows if each.id <= row.id]
    return back_to(_stood(before, touched), "", f"all since {clock(row.at)}", touched)


def _stood(before: Sequence[HistoryRow], names: Sequence[str]) -> Standing:
    """How modules stood after some acts, newest first."""
    running, points = {}, {}
    for name in names:
        last = _last(name, before)
        if last is not None and last.kind != "unload":
            running[name], points[name] = last.to_version, last.id
    return Standing(running, points)


def _last(name: str, rows: Sequence[HistoryRow]) -> HistoryRow | None:
    return next((row for row in rows if row.module == name and row.outcome is Outcome.COMMITTED), None)
