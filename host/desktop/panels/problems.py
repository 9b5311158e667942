"""What is wrong now, where, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from host.desktop.commands import Commands
from host.desktop.models.grouped import Grouped
from host.desktop.models.table import Table
from host.desktop.muting import Muting
from host.desktop.theme.look import Look
from host.desktop.translation import marked
from host.desktop.widgets.grouped_view import GroupedView
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lists import Placeholder, stack_in
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
    """The problems by module, and below them the acts for the chosen one, or for all under a title."""

    chosen = Signal(str)
    openLine = Signal(str, str, int)

    def __init__(self, table: Table[ProblemView], commands: Commands, muting: Muting, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._muting = muting
        self.setObjectName("problems.panel")
        self._groups = Grouped(table, lambda row: row.module, self._titled, self)
        self._view = GroupedView("problems.list", self.tr("Problems"), self._groups, look, {2: 14, 3: 52})
        self._view.setColumnHidden(1, True)  # the title says it
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
        for signal in (self._groups.rowsInserted, self._groups.rowsRemoved, self._groups.dataChanged):
            signal.connect(self._refresh)
        self._refresh()

    @Slot()
    def focus_list(self) -> None:
        if not self._view.selectionModel().hasSelection():
            self._view.choose(self._view.first())
        self._view.setFocus()  # last: Qt would make a title the current row

    def current(self) -> ProblemView | None:
        """The one that is chosen; ``None`` where none is, or several by their title."""
        chosen = self._chosen()
        return chosen[0] if len(chosen) == 1 else None

    def _chosen(self) -> Sequence[ProblemView]:
        rows = self._view.selectionModel().selectedRows()
        return self._groups.rows(rows[0]) if rows else ()

    def _titled(self, module: str, rows: Sequence[ProblemView]) -> str:
        """The words of a group: whose the problems are, and how many."""
        whose = module or self.tr("The host and this window")
        return whose if len(rows) == 1 else self.tr("{0}: {1} problems").format(whose, len(rows))

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
        chosen, problem = self._chosen(), self.current()
        self._strip.setVisible(bool(chosen))
        if not chosen:
            return
        self._remedy.setText(problem.remedy or problem.message if problem else self._titled(chosen[0].module, chosen))
        self._act.setVisible(problem is not None and problem.action in _ACTS)
        self._act.setText(self.tr(_ACTS.get(problem.action, "")) if problem else "")
        self._open.setVisible(problem is not None and bool(problem.file))
        self._show.setVisible(bool(chosen[0].module))
        all_muted = all(each.id in self._muting.problems for each in chosen)
        again = self.tr("Count it again") if problem else self.tr("Count them again")
        self._mute.setText(again if all_muted else self.tr("Mute") if problem else self.tr("Mute all"))
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
        chosen = self._chosen()
        if chosen and chosen[0].module:
            self.chosen.emit(chosen[0].module)

    @Slot()
    def _toggle_mute(self) -> None:
        chosen, muted = self._chosen(), self._muting.problems
        all_muted = all(each.id in muted for each in chosen)
        for each in chosen:
            if all_muted or each.id not in muted:
                self._muting.toggle_problem(each.id)

    @Slot()
    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText("\n\n".join(map(report, self._chosen())))


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
