"""Asks the engine why a module is as it is, shows it, and goes where a sentence leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from host.desktop.acting import Acting
from host.desktop.commands import Commands
from host.desktop.models.host import HostModels
from host.desktop.reasons import Reason, fixes, reasons
from host.desktop.reporting import Reporting
from host.desktop.window import Workbench
from host.vocabulary.errors import HostError, ModuleUnknown

if TYPE_CHECKING:
    from host.vocabulary.explanations import Outdated, Why


class Explaining(QObject):
    """Carries out *Why?*."""

    def __init__(
        self, window: Workbench, models: HostModels, commands: Commands, acting: Acting, reporting: Reporting
    ) -> None:
        super().__init__(window)
        self._window = window
        self._models = models
        self._commands = commands
        self._acting = acting
        self._reporting = reporting
        window.actions_by_id.connect("module.why", self._explain)
        window.sheets.whyChosen.connect(self._follow)

    @Slot()
    def _explain(self) -> None:
        for view in self._acting.chosen()[:1]:
            self._commands.errands.run(self._explained(view.name), "explain a module")

    async def _explained(self, name: str) -> None:
        """Show what the engine says; what it cannot say now is left out, the rest is known here."""
        why: Why | None = None
        behind: Outdated | None = None
        try:
            why = await self._commands.source.why(name)
            behind = next((each for each in await self._commands.source.outdated() if each.name == name), None)
        except ModuleUnknown:  # it is not loaded, which its own words tell
            pass
        except HostError as refusal:
            if refusal.code != ModuleUnknown.code:
                self._window.status.tell(str(refusal), "bad")
        view, problems = self._models.view(name), self._models.problems.rows
        if view is not None and [each.name for each in self._acting.chosen()] == [name]:  # still the one meant
            actions = self._window.actions_by_id
            doable = [actions[fix] for fix in fixes(view, problems) if fix in actions and actions[fix].isEnabled()]
            self._window.sheets.why.explain(name, reasons(view, problems, why, behind), doable)

    @Slot(object)
    def _follow(self, reason: Reason) -> None:
        match reason.leads_to:
            case "inspect":
                self._reporting.look_at(reason.module)
            case "line":
                self._reporting.open_line(reason.module, reason.file, reason.line)
            case action:
                self._window.actions_by_id[action].trigger()
