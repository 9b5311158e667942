"""Finding a bad module: the engine searches, the window asks whether it is bad now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from host.desktop.commands import Commands
from host.desktop.link import Link
from host.desktop.models.host import HostModels
from host.desktop.window import Workbench
from host.vocabulary.errors import HostError
from host.vocabulary.events import Event, EventKind

if TYPE_CHECKING:
    from host.desktop.widgets.trial_bar import TrialBar
    from host.vocabulary.views import BisectionView


class Bisecting(QObject):
    """Shows the search that is under way, whoever began it, also after the engine or the window came back."""

    def __init__(self, window: Workbench, models: HostModels, commands: Commands, link: Link) -> None:
        super().__init__(window)
        self._window = window
        self._models = models
        self._commands = commands
        self._link = link
        self._bar: TrialBar | None = None
        self._searching = False
        window.actions_by_id.connect("module.bisect", self._begin)
        models.happened.connect(self._happened)
        models.modulesChanged.connect(self._judge)
        link.up.connect(self._look)
        link.down.connect(self._judge)
        self._judge()

    @Slot()
    def _begin(self) -> None:
        self._take("begin")

    @Slot(str)
    def _take(self, step: str) -> None:
        if self._bar is not None:
            self._bar.wait(waiting=True)
        self._commands.errands.run(self._taken(step), "find a bad module")

    async def _taken(self, step: str) -> None:
        try:
            self._show(await self._commands.source.bisect(step))
        except HostError as refusal:
            said = self.tr("Not done: {0}.").format(str(refusal).rstrip("."))
            self._window.inspector.notice.say(said, "bad")
            await self._looked()

    @Slot()
    def _look(self) -> None:
        self._commands.errands.run(self._looked(), "ask for a search")

    async def _looked(self) -> None:
        try:
            self._show(await self._commands.source.bisection())
        except HostError:  # asked again when it is back
            return

    @Slot(object)
    def _happened(self, events: list[Event]) -> None:
        if any(event.event is EventKind.BISECTION_CHANGED for event in events):
            self._look()

    def _show(self, view: BisectionView) -> None:
        self._searching = view.total > 0
        if self._searching or self._bar is not None:
            self._made_bar().show_search(view)
        self._judge()

    def _made_bar(self) -> TrialBar:
        if self._bar is None:
            from host.desktop.widgets.trial_bar import TrialBar  # noqa: PLC0415 - the first window does not wait for it

            self._bar = TrialBar()
            self._bar.answered.connect(self._take)
            self._window.add_strip(self._bar)
        return self._bar

    @Slot()
    def _judge(self) -> None:
        """Only where something runs, and nothing is sought yet."""
        can = self._link.connected and not self._searching and bool(self._models.modules.views)
        self._window.actions_by_id["module.bisect"].setEnabled(can)
