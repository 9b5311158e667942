"""What modules and the host wrote, newest last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QToolButton, QWidget

from host.desktop.models.ring import Ring
from host.desktop.theme.icons import icon
from host.desktop.theme.look import Look
from host.desktop.widgets.flowing import flowing_bar, gap
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.widgets.module_box import ModuleBox
from host.desktop.wording import grouped, place_in
from host.vocabulary.clock import clock

if TYPE_CHECKING:
    from host.vocabulary.views import LogLine

_RANKS: Final = {"debug": 0, "info": 1, "warn": 2, "error": 3}


class LogPanel(QWidget):
    """The log with its filters; ``follow`` keeps the newest line in sight until somebody scrolls away.

    A line that is activated leads to its module (``chosen``), or to the line of code that it names (``openLine``).
    """

    chosen = Signal(str)
    openLine = Signal(str, str, int)

    def __init__(self, ring: Ring[LogLine], look: Look) -> None:
        super().__init__()
        self._ring = ring
        self._look = look
        self._frozen = ""
        self.setObjectName("log.panel")
        self._level = self._made_level()
        self._module = ModuleBox("log.module")
        self._module.currentIndexChanged.connect(self._filter)
        self._text = QLineEdit()
        self._text.setObjectName("log.text")
        self._text.setAccessibleName(self.tr("Lines that contain"))
        self._text.setPlaceholderText(self.tr("Lines that contain\u2026"))
        self._text.setClearButtonEnabled(True)
        self._text.setMaximumWidth(280)
        self._text.textChanged.connect(self._filter)
        self._count = Plain(tone="muted")
        self._count.setObjectName("log.count")
        self._follow = self._tool("log.follow", self.tr("Follow the newest line"))
        self._follow.setCheckable(True)
        self._follow.setChecked(True)
        self._follow.toggled.connect(self._keep_up)
        self._clear = self._tool("log.clear", self.tr("Empty this list"))
        self._clear.clicked.connect(self._empty)
        self._view = ListView("log.list", self.tr("Log"), ring, look, {0: 11, 1: 9, 2: 16})
        self._none = Placeholder(self._view, "")
        stack_in(self, self._made_bar(), self._view, grows=self._view)
        self._view.activated.connect(self._inspect)
        self._view.verticalScrollBar().sliderMoved.connect(self._scrolled)
        self._view.verticalScrollBar().actionTriggered.connect(self._scrolled)
        for signal in (ring.rowsInserted, ring.rowsRemoved):
            signal.connect(self._keep_up)
        look.changed.connect(self._draw)
        self._draw()
        self._keep_up()

    @Slot(bool)
    def freeze(self, frozen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Keep what is shown as it is; the lines that come meanwhile wait, and are shown when it is let go."""
        self._frozen = self.tr(", frozen at {0}; F8 lets it go on").format(clock(time.time())) if frozen else ""
        self._ring.hold(on=frozen)
        self._keep_up()

    @Slot()
    def focus_list(self) -> None:
        self._view.setFocus()

    def offer_modules(self, names: list[str]) -> None:
        """Modules that may be filtered by."""
        self._module.offer(names)

    def _made_bar(self) -> QFrame:
        return flowing_bar(self._level, self._module, self._text, gap(), self._count, self._follow, self._clear)

    def _made_level(self) -> QComboBox:
        box = QComboBox()
        box.setObjectName("log.level")
        box.setAccessibleName(self.tr("Lowest level shown"))
        for text, rank in (
            (self.tr("All levels"), 0),
            (self.tr("Info and up"), 1),
            (self.tr("Warnings and errors"), 2),
            (self.tr("Errors"), 3),
        ):
            box.addItem(text, rank)
        box.currentIndexChanged.connect(self._filter)
        return box

    def _tool(self, name: str, title: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setAccessibleName(title)
        button.setToolTip(title)
        button.setProperty("quiet", "true")
        return button

    @Slot()
    def _filter(self) -> None:
        rank, module, text = self._level.currentData(), self._module.module, self._text.text().lower()

        def accepts(line: LogLine) -> bool:
            return (
                _RANKS.get(line.level, 1) >= rank
                and (not module or line.module == module)
                and (not text or text in line.text.lower())
            )

        self._ring.keep(accepts)
        self._keep_up()

    @Slot()
    def _keep_up(self) -> None:
        shown, total = len(self._ring.shown), self._ring.total
        of = self.tr("{0} of {1} lines").format(grouped(shown), grouped(total))
        words = of if shown != total else self.tr("{0} lines").format(grouped(total))
        words = words if total != 1 else self.tr("1 line")
        self._count.setText(words + self._frozen)
        waiting = self.tr("Waiting for the first line\u2026")
        self._none.setText(self.tr("No line is like that; another filter may show some.") if total else waiting)
        if self._follow.isChecked():
            self._view.scrollToBottom()

    @Slot()
    def _scrolled(self) -> None:
        bar = self._view.verticalScrollBar()
        self._follow.setChecked(bar.sliderPosition() >= bar.maximum())

    @Slot()
    def _empty(self) -> None:
        self._ring.clear()

    @Slot()
    def _inspect(self) -> None:
        """Go to the line of code that a line of the log names, or to the module that wrote it."""
        line = self._ring.line(self._view.currentIndex())
        if line is None or not line.module:
            return
        place = place_in(line.module, line.text)
        if place is not None:
            self.openLine.emit(line.module, *place)
        else:
            self.chosen.emit(line.module)

    @Slot()
    def _draw(self) -> None:
        self._follow.setIcon(icon("follow", self._look.colours))
        self._clear.setIcon(icon("clear", self._look.colours))
