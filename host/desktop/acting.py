"""The acts on modules: what each does, and when it may be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from host.desktop.commands import Commands
from host.desktop.link import Link
from host.desktop.models.host import HostModels
from host.desktop.window import Workbench
from host.vocabulary.states import RUNNING, Status

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView


class Acting(QObject):
    """The acts on the chosen modules."""

    def __init__(self, window: Workbench, models: HostModels, commands: Commands, link: Link) -> None:
        super().__init__(window)
        self._window = window
        self._models = models
        self._commands = commands
        self._link = link
        actions = window.actions_by_id
        window.modules.add_local([actions[name] for name in ("module.toggle", "module.inspect")])
        for name, slot in (
            ("module.load", self._load),
            ("module.unload", self._unload),
            ("module.toggle", self._toggle),
            ("module.reload", self._reload),
            ("module.swap", self._offer_swap),
            ("module.rollback", self._roll_back),
            ("module.resume", self._resume),
            ("module.lock", self._lock),
            ("module.inspect", self._inspect_here),
            ("file.rescan", commands.rescan),
        ):
            actions.connect(name, slot)
        window.modules.selectionChanged.connect(self.judge)
        self.judge()

    def chosen(self) -> list[ModuleView]:
        """The modules that an act is about: the selected ones, or the one that is looked at."""
        looked_at = self._window.inspector.module
        names = self._window.modules.selected() or ([looked_at.name] if looked_at else [])
        return [view for view in map(self._models.view, names) if view is not None]

    @Slot()
    def judge(self) -> None:
        """Only what can be done now is offered."""
        views = self.chosen() if self._link.connected else []
        actions = self._window.actions_by_id
        running = [view for view in views if view.status in RUNNING]
        actions["module.load"].setEnabled(len(running) < len(views))
        actions["module.unload"].setEnabled(bool(running))
        actions["module.toggle"].setEnabled(bool(views))
        actions["module.reload"].setEnabled(bool(running))
        actions["module.swap"].setEnabled(len(views) == 1 and bool(running or views[0].versions))
        actions["module.rollback"].setEnabled(len(views) == 1 and bool(views[0].rollback_to))
        actions["module.resume"].setEnabled(any(view.status is Status.QUARANTINED for view in views))
        actions["module.lock"].setEnabled(bool(views) and all(view.versions or view.locked for view in views))
        actions["module.lock"].setChecked(bool(views) and all(view.locked for view in views))
        actions["module.why"].setEnabled(len(views) == 1)
        actions["module.inspect"].setEnabled(bool(views))
        actions["file.rescan"].setEnabled(self._link.connected)

    @Slot()
    def _load(self) -> None:
        for view in self.chosen():
            if view.status not in RUNNING:
                self._commands.load(view.name)

    @Slot()
    def _unload(self) -> None:
        for view in self.chosen():
            if view.status in RUNNING:
                self._commands.unload(view.name)

    @Slot()
    def _toggle(self) -> None:
        if any(view.status in RUNNING for view in self.chosen()):
            self._unload()
        else:
            self._load()

    @Slot()
    def _reload(self) -> None:
        for view in self.chosen():
            if view.status in RUNNING:
                self._commands.reload(view.name)

    @Slot()
    def _offer_swap(self) -> None:
        views = self.chosen()
        if views:
            self._window.sheets.swap.offer(views[0])

    @Slot()
    def _roll_back(self) -> None:
        for view in self.chosen()[:1]:
            self._commands.roll_back(view.name)

    @Slot()
    def _resume(self) -> None:
        for view in self.chosen():
            if view.status is Status.QUARANTINED:
                self._commands.resume(view.name)

    @Slot()
    def _lock(self) -> None:
        """All that are chosen become what the first is not."""
        views = self.chosen()
        on = bool(views) and not views[0].locked
        for view in views:
            if bool(view.locked) is not on:
                self._commands.lock(view.name, view.version if on else "", view.locked)
        self.judge()

    @Slot()
    def _inspect_here(self) -> None:
        self._window.inspector.focus_section()
