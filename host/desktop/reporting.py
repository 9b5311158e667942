"""Where outcomes, losses and changes are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal, Slot

from host.desktop.commands import Commands, Done, Refusal, Way
from host.desktop.link import Link, Loss
from host.desktop.models.host import HostModels
from host.desktop.window import Workbench
from host.vocabulary.events import Event, EventKind

if TYPE_CHECKING:
    from host.vocabulary.views import EngineView

_MOST_NAMED: Final = 3
_DONE_FOR_S: Final = 20.0
_BACK_FOR_S: Final = 30.0
_ACTS: Final = frozenset({EventKind.SWAP_COMMITTED, EventKind.MODULE_UNLOADED, EventKind.MODULE_LOADED})


class Reporting(QObject):
    """Tells the window of outcomes, losses and changes; ``judged`` says that other acts may be possible now."""

    judged = Signal()
    restartWanted = Signal(bool)
    """Whether with nothing loaded."""

    def __init__(self, window: Workbench, models: HostModels, commands: Commands, link: Link) -> None:
        super().__init__(window)
        self._window = window
        self._models = models
        self._commands = commands
        self._last_death = ""
        self._left_out: tuple[str, ...] = ()
        self._told: Done | None = None
        self._safe = False
        commands.started.connect(self._started)
        commands.done.connect(self._done)
        commands.refused.connect(self._refused)
        link.up.connect(self._up)
        link.down.connect(self._down)
        link.givenUp.connect(self._given_up)
        models.modulesChanged.connect(self._modules_changed)
        models.happened.connect(self._happened)
        models.problemsChanged.connect(window.title_problems)
        for panel in (window.modules, window.problems, window.log, window.events, window.overview):
            panel.chosen.connect(self.look_at)
        window.moduleChosen.connect(self.look_at)
        window.sheets.moduleChosen.connect(self.look_at)
        for lines in (window.problems, window.log):
            lines.openLine.connect(self.open_line)
        window.lineChosen.connect(window.open_line)

    @Slot(str)
    def look_at(self, name: str) -> None:
        """Look into one module, wherever its name was clicked."""
        view = self._models.view(name)
        if view is None:
            return
        before = self._window.inspector.module
        if (before is None or before.name != name) and (self._told is None or self._told.module != name):
            self._window.inspector.notice.dismiss()
        self._window.inspector.inspect(view)
        self._window.sheets.inspect(view)
        if self._window.modules.selected() != [name] and self.sender() is not self._window.modules:
            self._window.modules.select(name)
        self.judged.emit()

    @Slot(object)
    def show_engine(self, engine: EngineView) -> None:
        """The engine's figures, and whom it leaves out."""
        self._window.status.show_engine(engine)
        self._window.sheets.look_again(engine.watch.last_change)
        if engine.left_out and engine.left_out != self._left_out:
            said = (
                self.tr("{0} is left out: it took the engine with it. What is to run?")
                if len(engine.left_out) == 1
                else self.tr("{0} are left out: they took the engine with them. What is to run?")
            )
            self._window.banner.say(
                said.format(", ".join(engine.left_out)),
                "warn",
                acts=(
                    (self.tr("All but it"), self._window.banner.dismiss),
                    (self.tr("Nothing"), partial(self.start, safe=True)),
                    (self.tr("All"), partial(self._load_all, engine.left_out)),
                ),
            )
        self._left_out = engine.left_out

    @Slot(str, str)
    def _started(self, _module: str, text: str) -> None:
        self._window.status.tell(f"{text}\u2026")

    @Slot(object)
    def _happened(self, events: list[Event]) -> None:
        """What somebody else did to the module makes what was told of it old, and its Undo would take back that."""
        told = self._told
        if told and any(e.event in _ACTS and e.module == told.module and e.pause_s != told.pause_s for e in events):
            self._told = None
            self._window.inspector.notice.dismiss()
            self._window.status.tell("")

    @Slot(object)
    def _done(self, done: Done) -> None:
        self._told = done
        self._window.status.tell(done.text, "good")
        back = "edit.redo" if done.way is Way.UNDO else "edit.undo"
        word = self.tr("Redo") if done.way is Way.UNDO else self.tr("Undo")
        act = (word, self._window.actions_by_id[back].trigger) if done.reversal is not None else None
        self._window.inspector.notice.say(self._about(done.module, done.text), "good", act=act, for_s=_DONE_FOR_S)

    @Slot(object)
    def _refused(self, refusal: Refusal) -> None:
        self._window.status.tell(self.tr("Refused"), "bad")
        said = self.tr("Not done: {0}.").format(refusal.text.rstrip("."))
        self._window.inspector.notice.say(said, "bad", act=self._way_out(refusal))

    def _way_out(self, refusal: Refusal) -> tuple[str, Callable[[], object]] | None:
        """The button that does what makes a refused swap legal, where anything does."""
        if not refusal.further:
            return None
        others = ", ".join(f"{name} {version}" for name, version in refusal.further.items())
        again = partial(self._commands.swap, refusal.module, refusal.version, refusal.further)
        many = self.tr("Swap {0} others too").format(len(refusal.further))
        return (self.tr("Swap {0} too").format(others) if len(refusal.further) <= _MOST_NAMED else many), again

    def _about(self, module: str, text: str) -> str:
        return f"{module}: {text}" if module and module not in text else text

    @Slot(bool)
    def _up(self, back: bool) -> None:  # noqa: FBT001 - a signal's argument
        if self._safe:
            text = self.tr("Nothing is loaded. What was loaded before is kept, and comes back when all is started.")
            all_again = (self.tr("Start all"), partial(self.start, safe=False))
            self._window.banner.say(text, "warn", act=all_again)
        elif back:
            said = self._last_death or self.tr("The engine went.")
            self._window.banner.say(
                self.tr("{0} It is back, with the modules and their last checkpoint.").format(said),
                "good",
                for_s=_BACK_FOR_S,
            )
        self.judged.emit()

    @Slot(object)
    def _down(self, loss: Loss) -> None:
        self._last_death = loss.text
        if loss.returns:
            self._window.status.down(self.tr("is starting again"))
        else:
            self._window.status.rest(self.tr("The host ended"))
        self._window.banner.say(" ".join(text for text in (loss.text, loss.next_step) if text), "bad")
        self.judged.emit()

    @Slot(str)
    def _given_up(self, text: str) -> None:
        self._window.status.rest(self.tr("The engine stays down"))
        acts = (
            (self.tr("Start it again"), partial(self.start, safe=False)),
            (self.tr("Start it with nothing"), partial(self.start, safe=True)),
        )
        self._window.banner.say(f"{self._last_death} {text}".strip(), "bad", acts=acts)
        self.judged.emit()

    def start(self, *, safe: bool) -> None:
        """Have the engine started again, perhaps with nothing loaded."""
        self._safe = safe
        self.restartWanted.emit(safe)

    def _load_all(self, names: tuple[str, ...]) -> None:
        for name in names:
            self._commands.load(name)

    @Slot(object)
    def _modules_changed(self, names: set[str]) -> None:
        looked_at = self._window.inspector.module
        for lines in (self._window.log, self._window.events):
            lines.offer_modules(sorted(self._models.modules.views))
        if looked_at is not None:
            view = self._models.view(looked_at.name)
            if view is None or view is not looked_at:
                self._window.inspector.inspect(view)
            if view is not None and view.name in names:
                self._window.sheets.inspect(view)
        self.judged.emit()

    @Slot(str, str, int)
    def open_line(self, module: str, file: str, line: int) -> None:
        self.look_at(module)
        self._window.open_line(file, line)
