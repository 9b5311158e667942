"""The acts on modules: what each does, and when it may be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from host.desktop.commands import Commands
from host.desktop.link import Link
from host.desktop.models.host import HostModels
from host.desktop.window import Workbench
from host.vocabulary.states import RUNNING, Status

if TYPE_CHECKING:
    from host.vocabulary.views import EngineView, ModuleView


class Acting(QObject):
    """The acts on the chosen modules."""

    def __init__(self, window: Workbench, models: HostModels, commands: Commands, link: Link) -> None:
        super().__init__(window)
        self._window = window
        self._models = models
        self._commands = commands
        self._link = link
        self._watching = False
        actions = window.actions_by_id
        window.modules.add_local([actions[name] for name in ("module.toggle", "module.inspect")])
        for name, slot in (
            ("module.load", self._load),
            ("module.unload", self._unload),
            ("module.toggle", self._toggle),
            ("module.reload", self._reload),
            ("module.swap", self._offer_swap),
            ("module.rollback", self._roll_back),
            ("module.quarantine", self._quarantine),
            ("module.resume", self._resume),
            ("module.lock", self._lock),
            ("module.watch", self._watch),
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

    @Slot(object)
    def hear(self, engine: EngineView) -> None:
        """Whether files are watched at all."""
        if engine.watch.watching is not self._watching:
            self._watching = engine.watch.watching
            self.judge()

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
        actions["module.swap"].setEnabled(bool(_swappable(views)))
        actions["module.rollback"].setEnabled(any(view.rollback_to for view in views))
        actions["module.quarantine"].setEnabled(any(view.status is Status.ACTIVE for view in views))
        actions["module.resume"].setEnabled(any(view.status is Status.QUARANTINED for view in views))
        actions["module.lock"].setEnabled(bool(views) and all(view.versions or view.locked for view in views))
        actions["module.lock"].setChecked(bool(views) and all(view.locked for view in views))
        watching = self._watching
        actions["module.watch"].setEnabled(watching and any(view.reloadable for view in running))
        actions["module.watch"].setChecked(bool(running) and all(view.watched for view in running))
        actions["module.why"].setEnabled(len(views) == 1)
        actions["module.inspect"].setEnabled(bool(views))
        actions["file.rescan"].setEnabled(self._link.connected)

    def _do(self, kind: str, views: list[ModuleView], one: Callable[[str], None]) -> None:
        """Do it to the one module, or to several as one act."""
        if len(views) == 1:
            one(views[0].name)
        elif views:
            self._commands.for_each(kind, views)

    @Slot()
    def _load(self) -> None:
        views = [view for view in self.chosen() if view.status not in RUNNING]
        self._do("load", views, self._commands.load)

    @Slot()
    def _unload(self) -> None:
        """Those that need others go before these."""
        views = [view for view in self.chosen() if view.status in RUNNING]
        self._do("unload", sorted(views, key=lambda view: -view.order), self._commands.unload)

    @Slot()
    def _toggle(self) -> None:
        if any(view.status in RUNNING for view in self.chosen()):
            self._unload()
        else:
            self._load()

    @Slot()
    def _reload(self) -> None:
        self._do("reload", [view for view in self.chosen() if view.status in RUNNING], self._commands.reload)

    @Slot()
    def _offer_swap(self) -> None:
        looked_at = self._window.inspector.module
        views = sorted(_swappable(self.chosen()), key=lambda view: view is not looked_at)
        if views:
            if views[0] is not looked_at:  # the sheet is about the one that is looked at
                self._window.inspector.inspect(views[0])
            self._window.sheets.swap.offer(views[0], {view.name: view.versions[0].version for view in views[1:]})

    @Slot()
    def _roll_back(self) -> None:
        self._do("rollback", [view for view in self.chosen() if view.rollback_to], self._commands.roll_back)

    @Slot()
    def _quarantine(self) -> None:
        views = [view for view in self.chosen() if view.status is Status.ACTIVE]
        self._do("quarantine", views, self._commands.quarantine)

    @Slot()
    def _resume(self) -> None:
        views = [view for view in self.chosen() if view.status is Status.QUARANTINED]
        self._do("resume", views, self._commands.resume)

    @Slot()
    def _lock(self) -> None:
        """All that are chosen become what the first is not."""
        views = self.chosen()
        on = bool(views) and not views[0].locked
        others = [view for view in views if bool(view.locked) is not on]
        if len(others) == 1:
            self._commands.lock(others[0].name, others[0].version if on else "", others[0].locked)
        elif others:
            self._commands.for_each("lock" if on else "unlock", others)
        self.judge()

    @Slot()
    def _watch(self) -> None:
        """All that are chosen and run become watched; where all are, none any more."""
        views = [view for view in self.chosen() if view.status in RUNNING and view.reloadable]
        on = not all(view.watched for view in views)
        others = [view for view in views if view.watched is not on]
        self._do("watch" if on else "unwatch", others, partial(self._commands.watch, on=on))
        self.judge()

    @Slot()
    def _inspect_here(self) -> None:
        self._window.inspector.focus_section()


def _swappable(views: Sequence[ModuleView]) -> list[ModuleView]:
    """Of one module, itself where it has any version; of several, those that run and have a newer one than that."""
    if len(views) == 1:
        return [view for view in views if view.status in RUNNING or view.versions]
    return [
        view
        for view in views
        if view.status in RUNNING
        and view.versions
        and not view.versions[0].problems
        and view.versions[0].version != view.version
        and not view.locked
    ]
