"""All that the window knows of the host: the models that every panel looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from host.desktop.models.columns import EVENTS, LOG, problems
from host.desktop.models.modules import ModulesTree
from host.desktop.models.ring import Ring
from host.desktop.models.table import Table
from host.desktop.muting import Muting

if TYPE_CHECKING:
    from host.vocabulary.events import Event
    from host.vocabulary.views import Changes, LogLine, ModuleView, ProblemView


class HostModels(QObject):
    """Takes over each answer of the engine.

    ``modulesChanged`` names the modules that look different now, ``happened`` gives the events that are new.
    """

    modulesChanged = Signal(object)
    problemsChanged = Signal(int, int)
    """How many count, and how many are muted."""
    happened = Signal(object)

    def __init__(self, muting: Muting) -> None:
        super().__init__()
        self._muting = muting
        muting.changed.connect(self._show_problems)
        self.modules = ModulesTree(self)
        self.problems: Table[ProblemView] = Table(problems(muting), lambda row: row.id, self)
        self.log: Ring[LogLine] = Ring(LOG, self)
        self.events: Ring[Event] = Ring(EVENTS, self)
        self._theirs: tuple[ProblemView, ...] = ()
        self._ours: tuple[ProblemView, ...] = ()
        self._engine = 0
        self._heard = 0

    @Slot(object)
    def apply(self, changes: Changes) -> None:
        """Take over what changed; what a new engine says is never taken for something heard before."""
        if changes.engine.pid != self._engine:
            self._engine, self._heard = changes.engine.pid, 0
        heard, self._heard = self._heard, changes.revision
        self.modules.apply(changes)
        self.log.append([line for line in changes.log if line.revision > heard])
        events = [event for event in changes.events if event.revision > heard]
        self.events.append(events)
        if changes.problems is not None:
            self._theirs = changes.problems
            self._show_problems()
        if changes.modules or changes.gone or changes.complete:
            self.modulesChanged.emit({view.name for view in changes.modules} | set(changes.gone))
        if events:
            self.happened.emit(events)

    @Slot(object)
    def take_faults(self, rows: tuple[ProblemView, ...]) -> None:
        """Mistakes of the window itself stand among the problems of the host."""
        self._ours = rows
        self._show_problems()

    def view(self, name: str) -> ModuleView | None:
        return self.modules.views.get(name)

    @Slot()
    def _show_problems(self) -> None:
        """Errors before warnings and those of one module together; what is muted comes last."""
        muted = self._muting.problems
        rows = sorted((*self._theirs, *self._ours), key=lambda row: (row.id in muted, row.severity, row.module))
        self.problems.show(rows)
        aside = sum(row.id in muted for row in rows)
        self.problemsChanged.emit(len(rows) - aside, aside)
