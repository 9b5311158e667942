"""What is wrong now, where, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from host.desktop.commands import Commands
from host.desktop.models.table import Table
from host.desktop.muting import Muting
from host.desktop.theme.look import Look
from host.desktop.translation import marked
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.vocabulary.clock import clock

if TYPE_CHECKING:
    from host.vocabulary.views import ProblemView

_ACTS: Final = {
    "rollback": marked("ProblemsPanel", "Roll back"),
    "load": marked("ProblemsPanel", "Load"),
    "unload": marked("ProblemsPanel", "Unload"),
    "reload": marked("ProblemsPanel", "Reload"),
    "resume": marked("ProblemsPanel", "Resume"),
    "rescan": marked("ProblemsPanel", "Look again"),
    "grant": marked("ProblemsPanel", "Grant what it asks for"),
}


class ProblemsPanel(QWidget):
    """The list of problems, and below it the acts for the chosen one."""

    chosen = Signal(str)
    openLine = Signal(str, str, int)

    def __init__(self, table: Table[ProblemView], commands: Commands, muting: Muting, look: Look) -> None:
        super().__init__()
        self._table = table
        self._commands = commands
        self._muting = muting
        self.setObjectName("problems.panel")
        self._view = ListView("problems.list", self.tr("Problems"), table, look, {1: 16, 2: 14, 3: 52}, wide=0)
        Placeholder(self._view, self.tr("No problems."))
        self._remedy = Elided()
        self._remedy.setObjectName("problems.remedy")
        self._act = self._button("problems.act", self._mend)
        self._open = self._button("problems.open", self._open_file)
        self._open.setText(self.tr("Open line"))
        self._show = self._button("problems.inspect", self._inspect)
        self._show.setText(self.tr("Show module"))
        self._copy = self._button("problems.copy", self._copy_report)
        self._copy.setText(self.tr("Copy report"))
        self._mute = self._button("problems.mute", self._toggle_mute)
        self._strip = QFrame()
        self._strip.setProperty("ground", "strip")
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(12, 5, 8, 5)
        row.setSpacing(8)
        row.addWidget(self._remedy, 1)
        self._buttons = (self._act, self._open, self._show, self._mute, self._copy)
        for button in self._buttons:
            row.addWidget(button)
        stack_in(self, self._view, self._strip, grows=self._view)
        self._view.selectionModel().selectionChanged.connect(self._refresh)
        self._view.activated.connect(self._inspect)
        muting.changed.connect(self._repaint)
        for signal in (table.rowsInserted, table.rowsRemoved, table.dataChanged):
            signal.connect(self._refresh)
        self._refresh()

    @Slot()
    def focus_list(self) -> None:
        self._view.setFocus()
        if not self._view.selectionModel().hasSelection():
            self._view.selectRow(max(self._view.currentIndex().row(), 0))

    def current(self) -> ProblemView | None:
        chosen = self._view.selectionModel().selectedRows()
        return self._table.row(chosen[0]) if chosen else None

    def _button(self, name: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton()
        button.setObjectName(name)
        button.clicked.connect(slot)
        return button

    @Slot()
    def _repaint(self) -> None:
        """What is muted now looks otherwise, and is the same row."""
        self._view.viewport().update()
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        problem = self.current()
        self._strip.setVisible(problem is not None)
        if problem is None:
            return
        self._remedy.setText(problem.remedy or problem.message)
        self._act.setVisible(problem.action in _ACTS)
        self._act.setText(self.tr(_ACTS.get(problem.action, "")))
        self._open.setVisible(bool(problem.file))
        self._show.setVisible(bool(problem.module))
        self._mute.setText(self.tr("Count it again") if problem.id in self._muting.problems else self.tr("Mute"))
        for button in self._buttons:
            button.setAccessibleName(button.text())

    @Slot()
    def _mend(self) -> None:
        problem = self.current()
        if problem is None:
            return
        match problem.action:
            case "rollback":
                self._commands.roll_back(problem.module)
            case "load":
                self._commands.load(problem.module)
            case "unload":
                self._commands.unload(problem.module)
            case "reload":
                self._commands.reload(problem.module)
            case "resume":
                self._commands.resume(problem.module)
            case "rescan":
                self._commands.rescan()
            case "grant":
                self._commands.allow(problem.module)

    @Slot()
    def _open_file(self) -> None:
        problem = self.current()
        if problem is None:
            return
        if problem.module:
            self.openLine.emit(problem.module, problem.file, problem.line)
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(problem.file))

    @Slot()
    def _inspect(self) -> None:
        problem = self.current()
        if problem is not None and problem.module:
            self.chosen.emit(problem.module)

    @Slot()
    def _toggle_mute(self) -> None:
        problem = self.current()
        if problem is not None:
            self._muting.toggle_problem(problem.id)

    @Slot()
    def _copy_report(self) -> None:
        problem = self.current()
        if problem is not None:
            QGuiApplication.clipboard().setText(report(problem))


def report(problem: ProblemView) -> str:
    """A problem as text that can be sent to somebody."""
    where = f"{problem.file}:{problem.line}" if problem.line else problem.file
    lines = (
        f"{problem.severity}: {problem.message}",
        f"module: {problem.module}" if problem.module else "",
        f"where: {where}" if where else "",
        f"since: {clock(problem.since)}, {problem.count} times",
        f"what you can do: {problem.remedy}" if problem.remedy else "",
    )
    return "\n".join(line for line in lines if line)
