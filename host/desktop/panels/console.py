"""Lua typed into a module while it runs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QPushButton, QTreeView, QWidget

from host.desktop.commands import Commands
from host.desktop.models.transcript import Line, Transcript, shown
from host.desktop.theme.look import Look
from host.desktop.widgets.delegates import RowDelegate
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import Placeholder, stack_in
from host.desktop.widgets.prompt import Prompt
from host.desktop.wording import millis
from host.vocabulary.errors import HostError
from host.vocabulary.states import RUNNING

if TYPE_CHECKING:
    from host.vocabulary.views import Evaluation, ModuleView


class ConsoleSection(QWidget):
    """A transcript for each module, and one line to type.

    A text that waits can be stopped; one that computes ends at the module's own limit of time.
    """

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._look = look
        self._name = ""
        self._transcripts: dict[str, Transcript] = {}
        self._running: Counter[str] = Counter()
        self.setObjectName("console.section")
        self._view = self._made_view()
        self._view.setModel(Transcript(self))
        self._empty: Placeholder | None = None
        self._prompt = Prompt("console.prompt", self.tr("Lua to run inside the module"))
        self._prompt.entered.connect(self._run)
        self._prompt.completing.connect(self._complete)
        strip = QFrame()
        strip.setProperty("ground", "strip")
        row = QHBoxLayout(strip)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        self._sign = Plain("\u203a", tone="muted")
        row.addWidget(self._sign)
        row.addWidget(self._prompt, 1)
        self._stop = QPushButton(self.tr("Stop"))
        self._stop.setObjectName("console.stop")
        self._stop.setAccessibleName(self.tr("Stop what was typed and still waits"))
        self._stop.setToolTip(self.tr("What computes without waiting ends by itself, at the module's limit for a call"))
        self._stop.clicked.connect(self._interrupt)
        self._stop.hide()
        row.addWidget(self._stop)
        self.setFocusProxy(self._prompt)
        stack_in(self, self._view, strip, grows=self._view)
        look.changed.connect(self._draw)
        self._draw()

    def inspect(self, view: ModuleView) -> None:
        """Turn to one module; its transcript is as it was left."""
        runs = view.status in RUNNING
        self._prompt.setEnabled(runs)
        self._prompt.setPlaceholderText(
            self.tr("Type Lua. It runs inside {0}.").format(view.name)
            if runs
            else self.tr("Load {0} to type Lua into it.").format(view.name)
        )
        if view.name == self._name:
            return
        self._name = view.name
        self._judge()
        transcript = self._transcripts.setdefault(view.name, Transcript(self))
        self._view.setModel(transcript)
        if self._empty is not None:
            self._empty.deleteLater()
        told = self.tr(
            "Type Lua below. It runs inside {0}, with its locals and its limits; self is the module, _ the last result."
        ).format(view.name)
        self._empty = Placeholder(self._view, told)

    def _made_view(self) -> QTreeView:
        view = QTreeView()
        view.setObjectName("console.transcript")
        view.setAccessibleName(self.tr("What was typed and what came back"))
        view.setItemDelegate(RowDelegate(self._look, view))
        view.setHeaderHidden(True)
        view.setUniformRowHeights(True)
        view.setIndentation(16)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setTextElideMode(Qt.TextElideMode.ElideRight)
        copy = QAction(self.tr("Copy"), view)
        copy.setObjectName("console.copy")
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self._copy)
        view.addAction(copy)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        return view

    @Slot(str)
    def _run(self, text: str) -> None:
        self._say(self._name, [Line(f"\u203a {text}", "muted")])
        self._commands.errands.run(self._ran(self._name, text), "run a text of the console")

    async def _ran(self, name: str, text: str) -> None:
        self._count(name, 1)
        try:
            found = await self._commands.source.evaluate(name, text)
        except HostError as refusal:
            self._say(name, [Line(str(refusal), "bad")])
        else:
            self._say(name, self._lines(found))
        finally:
            self._count(name, -1)

    def _count(self, name: str, more: int) -> None:
        """Keep how many texts run in a module."""
        self._running[name] += more
        self._judge()

    def _judge(self) -> None:
        self._stop.setVisible(self._running[self._name] > 0)

    @Slot()
    def _interrupt(self) -> None:
        self._prompt.setFocus()
        self._commands.errands.run(self._interrupted(self._name), "stop what was typed")

    async def _interrupted(self, name: str) -> None:
        try:
            await self._commands.source.interrupt(name)
        except HostError as refusal:
            self._say(name, [Line(str(refusal), "bad")])

    def _lines(self, found: Evaluation) -> list[Line]:
        printed = [Line(text) for text in found.printed]
        if found.results:
            return printed + [shown(value) for value in found.results]
        return [*printed, Line(self.tr("done in {0} ms").format(millis(found.seconds * 1000)), "muted")]

    @Slot(str)
    def _complete(self, text: str) -> None:
        self._commands.errands.run(self._completed(self._name, text), "complete a text")

    async def _completed(self, name: str, text: str) -> None:
        try:
            found = await self._commands.source.complete(name, text)
        except HostError:  # nothing is offered; what is typed is refused with the reason when it is run
            return
        if name == self._name:
            self._prompt.offer(text, [each.name for each in found])

    def _say(self, name: str, lines: list[Line]) -> None:
        transcript = self._transcripts[name]
        transcript.append(lines)
        if name == self._name:
            self._view.scrollToBottom()
            last = transcript.index(transcript.rowCount() - 1, 0)
            if transcript.rowCount(last):
                self._view.expand(last)

    @Slot()
    def _copy(self) -> None:
        transcript = self._transcripts.get(self._name)
        if transcript is not None:
            rows = self._view.selectionModel().selectedRows()
            QGuiApplication.clipboard().setText("\n".join(map(transcript.text, rows)))

    @Slot()
    def _draw(self) -> None:
        font = self._look.monospace()
        for widget in (self._view, self._prompt, self._sign):
            widget.setFont(font)
