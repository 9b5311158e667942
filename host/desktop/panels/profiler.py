"""Where a module spent the last seconds: a flame view, and the same as a table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QPushButton, QScrollArea, QSplitter, QWidget

from host.desktop.commands import Commands
from host.desktop.models.spent import SPENT, Spent, spent
from host.desktop.models.table import Table
from host.desktop.theme.look import Look
from host.desktop.widgets.flame import FlameView
from host.desktop.widgets.flowing import flowing_bar
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.widgets.reading import Reading
from host.desktop.wording import grouped
from host.vocabulary.clock import clock
from host.vocabulary.states import RUNNING

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView, Profile

_SPANS: Final = (5, 10, 30, 60)
_USUAL: Final = 1
_SHARES: Final = [300, 200]


class ProfilerSection(QWidget):
    """Asks only while it is seen: the engine samples a module as long as somebody asks, and 5 s more."""

    chosen = Signal(str, int)

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._module: ModuleView | None = None
        self._table: Table[Spent] = Table(SPENT, lambda row: (row.name, row.file, row.line), self)
        self.setObjectName("profiler.section")
        self._words = Elided(tone="muted")
        self._words.setObjectName("profiler.words")
        self._span = self._made_span()
        self._pause = QPushButton(self.tr("Pause"))
        self._pause.setObjectName("profiler.pause")
        self._pause.setAccessibleName(self.tr("Keep what is shown"))
        self._pause.setCheckable(True)
        self._pause.toggled.connect(self._hold)
        self._flame = FlameView("profiler.flame", self.tr("Flame view: who called whom, and for how long"), look)
        self._flame.chosen.connect(self.chosen)
        self._view = ListView(
            "profiler.list", self.tr("Functions by time"), self._table, look, {0: 20, 1: 7, 2: 12, 3: 20}
        )
        Placeholder(self._view, self.tr("Nothing ran while it was looked at. Samples appear here as soon as it does."))
        self._view.activated.connect(self._open)
        self.setFocusProxy(self._view)
        self._reading = Reading(self, commands.errands, self._read)
        self._reading.failed.connect(self._say)
        stack_in(self, self._made_bar(), body := self._made_body(), grows=body)

    def inspect(self, view: ModuleView) -> None:
        before, self._module = self._module, view
        if before is None or before.name != view.name:
            self._pause.setChecked(False)
            self._show(None)
            self._reading.again()

    @Slot(bool)
    def freeze(self, frozen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Keep what is shown, or follow the module again."""
        self._pause.setChecked(frozen)

    async def _read(self) -> None:
        module = self._module
        if module is None:
            return
        if module.status not in RUNNING:
            self._show(None)
            self._words.setText(self.tr("Load {0} to see where it spends its time.").format(module.name))
            return
        profile = await self._commands.source.profile(module.name, float(self._span.currentData()))
        if self._module is not None and self._module.name == module.name and not self._pause.isChecked():
            self._show(profile)

    def _show(self, profile: Profile | None) -> None:
        roots = profile.roots if profile else ()
        self._flame.show_nodes(roots)
        self._table.show(spent(roots))
        self._words.setText(self._told(profile) if profile else "")

    def _told(self, profile: Profile) -> str:
        if not profile.seconds:
            return self.tr("Beginning to look\u2026")
        words = self.tr("{0} s: {1} samples, each of {2}").format(
            f"{profile.seconds:.1f}", grouped(profile.samples), profile.unit
        )
        if profile.beyond:
            words = self.tr("{0}; {1} of them too various to be kept").format(words, grouped(profile.beyond))
        return words

    def _made_span(self) -> QComboBox:
        box = QComboBox()
        box.setObjectName("profiler.span")
        box.setAccessibleName(self.tr("How much of the past is shown"))
        for seconds in _SPANS:
            box.addItem(self.tr("Last {0} s").format(seconds), seconds)
        box.setCurrentIndex(_USUAL)
        box.currentIndexChanged.connect(self._again)
        return box

    def _made_bar(self) -> QFrame:
        return flowing_bar(self._words, self._span, self._pause)

    def _made_body(self) -> QSplitter:
        area = QScrollArea()
        area.setObjectName("profiler.area")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self._flame)
        area.setAlignment(Qt.AlignmentFlag.AlignTop)
        both = QSplitter(Qt.Orientation.Vertical)
        both.setObjectName("profiler.both")
        both.setChildrenCollapsible(False)
        both.addWidget(area)
        both.addWidget(self._view)
        both.setSizes(_SHARES)
        return both

    @Slot()
    def _again(self) -> None:
        self._reading.again()

    @Slot(bool)
    def _hold(self, held: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._reading.hold(on=held)
        if held:
            self._words.setText(self.tr("Paused at {0}; {1}").format(clock(time.time()), self._words.text()))

    @Slot()
    def _open(self) -> None:
        row = self._table.row(self._view.currentIndex())
        if row is not None and row.file:
            self.chosen.emit(row.file, row.line)

    @Slot(str)
    def _say(self, text: str) -> None:
        self._show(None)
        self._words.setText(text)
