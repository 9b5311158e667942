"""The tour: five steps, each done when the user has really done it; and the first run, which offers it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Slot

from host.desktop.commands import Commands
from host.desktop.mirror import Mirror
from host.desktop.models.host import HostModels
from host.desktop.reporting import Reporting
from host.desktop.settings import Settings
from host.desktop.translation import marked
from host.desktop.window import Workbench
from host.vocabulary.events import Event, EventKind
from host.vocabulary.states import RUNNING

if TYPE_CHECKING:
    from pathlib import Path

    from host.desktop.widgets.tour_bar import TourBar

SAMPLE: Final = "Sample"
SUBJECT: Final = "advanced_chat"
FIRST: Final = "1.0.0"

_OFFER: Final = marked("Touring", "New here? Five steps show how a module is changed while it runs.")
_STEPS: Final = (
    marked("Touring", "Load {0}: pick it on the left and press Load, or switch to the profile Sample (Ctrl+P)."),
    marked("Touring", "Change it: open {1} in your editor (Source has a button for it), change a text, and save."),
    marked("Touring", "That is live already, with its state. See what changed: History (Ctrl+4)."),
    marked("Touring", "Now break it: take an end out of the same file, and save."),
    marked(
        "Touring",
        "Nothing fell over: the old code runs on, and Problems names the line. Take your first change back: Roll back "
        "(Ctrl+Alt+R).",
    ),
)
_OVER: Final = marked(
    "Touring",
    "That was all: what runs is what ran at the beginning, with its state. {1} still has your mistake; mend it when "
    "you like. Help has this tour again.",
)
_LOAD, _SAVE, _LOOK, _BREAK, _BACK, _END = range(6)


class Touring(QObject):
    """Follows what the user does; it can be left at any moment, and begun again."""

    def __init__(
        self,
        window: Workbench,
        models: HostModels,
        mirror: Mirror,
        commands: Commands,
        reporting: Reporting,
        settings: Settings,
        data: Path,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._models = models
        self._mirror = mirror
        self._commands = commands
        self._reporting = reporting
        self._settings = settings
        self._data = data
        self._bar: TourBar | None = None
        self._step: int | None = None
        self._since = 0.0
        self._path = ""
        window.actions_by_id.connect("help.tour", self.begin)
        window.inspector.sectionChanged.connect(self._looked)
        models.happened.connect(self._happened)
        models.modulesChanged.connect(self._changed)

    @Slot()
    def begin(self) -> None:
        """Begin at the first step."""
        self._settings.keep_text("tour/offered", "yes")
        self._go_to(_LOAD)
        self._changed()

    @Slot()
    def leave(self) -> None:
        self._settings.keep_text("tour/offered", "yes")
        self._step = None
        if self._bar is not None:
            self._bar.hide()

    @Slot()
    def _changed(self) -> None:
        view = self._models.view(SUBJECT)
        if self._step == _LOAD and view is not None and view.status in RUNNING:
            self._go_to(_SAVE)
            self._reporting.look_at(SUBJECT)
        elif self._step in {_SAVE, _BREAK} and view is not None and view.path != self._path:
            self._tell(self._step)  # another version runs by now
        elif self._bar is None and view is not None and not self._settings.text("tour/offered", ""):
            self._offer()

    @Slot(object)
    def _happened(self, events: list[Event]) -> None:
        for event in events:
            if event.module != SUBJECT:
                continue
            match self._step, event.event:
                case (2, _):  # the user is to look
                    return
                case (1, EventKind.SWAP_COMMITTED) if self._saved():
                    self._go_to(_LOOK)
                case (3, EventKind.RELOAD_REFUSED):
                    self._go_to(_BACK)
                case (4, EventKind.SWAP_COMMITTED):
                    self._go_to(_END)

    def _saved(self) -> bool:
        engine = self._mirror.engine
        return engine is not None and engine.watch.last_change >= self._since

    @Slot(str)
    def _looked(self, section: str) -> None:
        module = self._window.inspector.module
        if self._step == _LOOK and section == "section.history" and module is not None and module.name == SUBJECT:
            self._go_to(_BREAK)

    def _go_to(self, step: int) -> None:
        self._step, self._since = step, time.time()
        self._tell(step)

    def _tell(self, step: int) -> None:
        """Say what is to be done now, with the file that runs."""
        view = self._models.view(SUBJECT)
        self._path = view.path if view is not None else ""
        file = f"{self._path}/init.lua" if self._path else "init.lua"
        words = self.tr(_OVER if step == _END else _STEPS[step]).format(SUBJECT, file)
        way = self.tr("Lead me there") if step in {_LOAD, _SAVE, _BREAK} else ""
        out = self.tr("Close") if step == _END else self.tr("Leave the tour")
        said = words if step == _END else self.tr("{0} of {1}: {2}").format(step + 1, len(_STEPS), words)
        self._made_bar().say(said, "good" if step == _END else "busy", way, out)

    def _offer(self) -> None:
        """On the first run: a profile to begin with, and the tour."""
        self._made_bar().say(self.tr(_OFFER), "busy", self.tr("Take the tour"), self.tr("Not now"))
        self._commands.errands.run(self._keep_sample(), "keep a sample profile")

    async def _keep_sample(self) -> None:
        from host.desktop.profiles import Profile, names, write  # noqa: PLC0415 - a first run only

        view = self._models.view(SUBJECT)
        if not names(self._data) and view is not None and any(each.version == FIRST for each in view.versions):
            write(self._data, Profile(SAMPLE, {SUBJECT: FIRST, "clock": "*", "log": "*"}))

    @Slot()
    def _lead(self) -> None:
        if self._step is None:
            self.begin()
            return
        self._reporting.look_at(SUBJECT)
        if self._step in {_SAVE, _BREAK}:
            self._window.inspector.show_section("section.source")
        else:
            self._window.focus_dock("modules")

    def _made_bar(self) -> TourBar:
        if self._bar is None:
            from host.desktop.widgets.tour_bar import TourBar  # noqa: PLC0415 - the first window does not wait for it

            self._bar = TourBar()
            self._bar.helped.connect(self._lead)
            self._bar.left.connect(self.leave)
            self._window.add_strip(self._bar)
        return self._bar
