"""The workbench: docks around the inspector."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabWidget, QVBoxLayout, QWidget

from host.desktop.actions import DOCKS, SECTIONS, SPECS, Actions
from host.desktop.chrome import fill_menus, made_toolbar
from host.desktop.commands import Commands
from host.desktop.mirror import Attention
from host.desktop.models.host import HostModels
from host.desktop.muting import Muting
from host.desktop.notices import Notices
from host.desktop.panels.activity import ActivitySection
from host.desktop.panels.events import EventsPanel
from host.desktop.panels.history import HistorySection
from host.desktop.panels.inspector import Inspector, Section
from host.desktop.panels.log import LogPanel
from host.desktop.panels.modules import ModulesPanel
from host.desktop.panels.overview import OverviewSection
from host.desktop.panels.problems import ProblemsPanel
from host.desktop.panels.shown import ShownPanel
from host.desktop.panels.state import StateSection
from host.desktop.pulse import Pulse
from host.desktop.samples import Samples
from host.desktop.settings import LAYOUT_VERSION, Settings
from host.desktop.sheets import Sheets
from host.desktop.theme.icons import program_icon
from host.desktop.theme.look import Look
from host.desktop.widgets.banner import Banner
from host.desktop.widgets.later import Inspects, Later, LaterPanel
from host.desktop.widgets.status_line import StatusLine

_SIZE: Final = QSize(1440, 900)
"""At first, where the screen has room for it."""
_LEFT_WIDTH: Final = 480
_BOTTOM_HEIGHT: Final = 220
_RIGHT_WIDTH: Final = 320
_RIGHT_HEIGHTS: Final = (560, 280)
_SETTLED_MS: Final = 100
"""After which all layouts have heard of another size of text."""


class Workbench(QMainWindow):
    """Panels and where they stand; what they do is wired by ``Acting``, ``Reporting`` and ``Steering``."""

    closing = Signal()
    attentionChanged = Signal(object)
    moduleChosen = Signal(str)
    lineChosen = Signal(str, int)
    _lineWanted = Signal(str, int)

    def __init__(
        self,
        models: HostModels,
        commands: Commands,
        samples: Samples,
        notices: Notices,
        muting: Muting,
        pulse: Pulse,
        look: Look,
        data: Path,
    ) -> None:
        super().__init__()
        self._data = data
        self._look = look
        self._percent = look.percent
        self._models = models
        self._commands = commands
        self.setObjectName("workbench.window")
        self.setWindowTitle(self.tr("Theseus"))
        self.setWindowIcon(program_icon())
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.actions_by_id = Actions(self)
        self.addActions([self.actions_by_id[spec.id] for spec in SPECS if not spec.local])
        look.changed.connect(self._draw_actions)  # before the panels, which take the icons over
        self.modules = ModulesPanel(models.modules, look)
        self.problems = ProblemsPanel(models.problems, commands, muting, look)
        self.log = LogPanel(models.log, look)
        self.events = EventsPanel(models.events, look)
        self.shown = ShownPanel(commands, look)
        self.overview = OverviewSection(commands, samples, models.events, models.problems, look)
        self._source = Later(lambda: self._made_source(commands))
        self.inspector = Inspector(self._made_sections(commands), look)
        self.banner = Banner("engine.banner", self.tr("What happened to the engine"), look)
        self.profile = ""
        self.sheets = Sheets(commands, notices, muting, pulse, data, look, self.inspector)
        self.sheets.profileChosen.connect(self.show_profile)
        self.inspector.whyAsked.connect(self.actions_by_id["module.why"].trigger)
        self.status = StatusLine(look)
        self.docks: dict[str, QDockWidget] = {}
        self._lay_out()
        look.changed.connect(self._draw_toolbar)

    def restore(self, settings: Settings) -> None:
        """Take up the arrangement of the last time, or the first one."""
        geometry, state = settings.layout("geometry"), settings.layout("docks")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(_SIZE.boundedTo(self.screen().availableSize()))
        if state is None or not self.restoreState(state, LAYOUT_VERSION):
            sides, widths = [self.docks["modules"], self.docks["panels"]], [_LEFT_WIDTH, _RIGHT_WIDTH]
            self.resizeDocks(sides, widths, Qt.Orientation.Horizontal)
            self.resizeDocks([self.docks["problems"]], [_BOTTOM_HEIGHT], Qt.Orientation.Vertical)
            right = [self.docks["panels"], self.docks["timeline"]]
            self.resizeDocks(right, list(_RIGHT_HEIGHTS), Qt.Orientation.Vertical)

    def remember(self, settings: Settings) -> None:
        settings.keep_layout("geometry", self.saveGeometry())
        settings.keep_layout("docks", self.saveState(LAYOUT_VERSION))

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closing.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.ActivationChange, QEvent.Type.WindowStateChange}:
            self.attentionChanged.emit(self.attention())

    def attention(self) -> Attention:
        """How closely somebody looks at the window."""
        if self.isMinimized() or self.isHidden():
            return Attention.HIDDEN
        return Attention.FOCUSED if QApplication.activeWindow() is not None else Attention.UNFOCUSED

    @Slot(str, int)
    def open_line(self, file: str, line: int) -> None:
        """Show a line of a file of the module that is looked at."""
        self.inspector.show_section("section.source")
        self._source.attend(seen=True)
        self._lineWanted.emit(file, line)

    @Slot(str)
    def show_profile(self, name: str) -> None:
        """Say which profile was switched to last."""
        self.profile = name
        action = self.actions_by_id["profile.choose"]
        action.setText(self.tr("Profile: {0}").format(name) if name else self.tr("Profile"))

    def add_strip(self, strip: QWidget) -> None:
        """Let something stand above the inspector, below what is said of the engine."""
        self._column.insertWidget(1, strip)

    @Slot(int, int)
    def title_problems(self, count: int, muted: int) -> None:
        """Say how many count, and how many are muted."""
        aside = self.tr("({0} muted)").format(muted) if muted else ""
        words = f"{count or ''} {aside}".strip()
        self.docks["problems"].setWindowTitle(self.tr("Problems  {0}").format(words) if words else self.tr("Problems"))

    def focus_dock(self, name: str) -> None:
        """Show one dock and put the keyboard into its list."""
        self.docks[name].show()
        self.docks[name].raise_()
        lists = {
            "modules": self.modules.focus_list,
            "problems": self.problems.focus_list,
            "log": self.log.focus_list,
            "events": self.events.focus_list,
        }
        lists.get(name, self.docks[name].widget().setFocus)()

    def focus_next(self, by: int) -> None:
        """Put the keyboard into the next panel that is in sight, or the one before."""
        names = [name for name in DOCKS if self._takes_keyboard(name) and not self._covered(name)]
        stops = [*names, "inspector"]
        focused = QApplication.focusWidget()
        here = next(
            (at for at, name in enumerate(names) if focused and self.docks[name].isAncestorOf(focused)), len(names)
        )
        target = stops[(here + by) % len(stops)]
        if target == "inspector":
            self.inspector.focus_section()
        else:
            self.focus_dock(target)

    def _takes_keyboard(self, name: str) -> bool:
        """Whether a dock is there and has something to be chosen in it."""
        panel = self.docks[name].widget()
        return (panel.focusProxy() or panel).isVisible()

    def _covered(self, name: str) -> bool:
        """Whether a dock lies behind another one of its tabs."""
        return self.docks[name].visibleRegion().isEmpty()

    def _made_sections(self, commands: Commands) -> list[Section]:
        state, activity = StateSection(commands, self._look), ActivitySection(commands, self._look)
        for freezes in (state, activity, self.log, self.events, self.shown):
            self.actions_by_id["view.freeze"].toggled.connect(freezes.freeze)
        state.released.connect(self._thaw)
        history = HistorySection(commands, self._look)
        graph, config = Later(lambda: self._made_graph(commands)), Later(lambda: self._made_config(commands))
        console = Later(lambda: self._made_console(commands))
        access, profiler = Later(lambda: self._made_access(commands)), Later(lambda: self._made_profiler(commands))
        pages: tuple[tuple[QWidget, Inspects], ...] = (
            (self.overview, self.overview),
            (state, state),
            (activity, activity),
            (history, history),
            (self._source, self._source),
            (graph, graph),
            (config, config),
            (console, console),
            (access, access),
            (profiler, profiler),
        )
        return [
            Section(self.actions_by_id[f"section.{name}"], page, sight)
            for name, (page, sight) in zip(SECTIONS, pages, strict=True)
        ]

    def _made_graph(self, commands: Commands) -> tuple[QWidget, Inspects]:
        from host.desktop.panels.graph import GraphSection  # noqa: PLC0415 - the first window does not wait for it

        graph = GraphSection(commands, self._look)
        graph.chosen.connect(self.moduleChosen)
        return graph, graph

    def _made_source(self, commands: Commands) -> tuple[QWidget, Inspects]:
        from host.desktop.panels.source import SourceSection  # noqa: PLC0415 - as above

        source = SourceSection(commands, self._look)
        self._lineWanted.connect(source.open_line)
        return source, source

    def _made_timeline(self) -> QWidget:
        from host.desktop.panels.timeline import TimelinePanel  # noqa: PLC0415 - as above

        timeline = TimelinePanel(self._commands, self._models.events, self._look)
        timeline.chosen.connect(self.moduleChosen)
        return timeline

    def _made_config(self, commands: Commands) -> tuple[QWidget, Inspects]:
        from host.desktop.panels.config import ConfigSection  # noqa: PLC0415 - as above

        config = ConfigSection(commands, self._look)
        return config, config

    def _made_console(self, commands: Commands) -> tuple[QWidget, Inspects]:
        from host.desktop.panels.console import ConsoleSection  # noqa: PLC0415 - as above

        console = ConsoleSection(commands, self._look)
        return console, console

    def _made_access(self, commands: Commands) -> tuple[QWidget, Inspects]:
        from host.desktop.panels.access import AccessSection  # noqa: PLC0415 - as above

        access = AccessSection(commands, self._look)
        return access, access

    def _made_profiler(self, commands: Commands) -> tuple[QWidget, Inspects]:
        from host.desktop.panels.profiler import ProfilerSection  # noqa: PLC0415 - as above

        profiler = ProfilerSection(commands, self._look)
        profiler.chosen.connect(self.lineChosen)
        self.actions_by_id["view.freeze"].toggled.connect(profiler.freeze)
        profiler.freeze(self.actions_by_id["view.freeze"].isChecked())
        return profiler, profiler

    def _lay_out(self) -> None:
        centre = QWidget()
        centre.setObjectName("workbench.centre")
        column = self._column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.inspector.notice)  # above what sheets slide over: a refusal is to be read
        column.addWidget(self.inspector, 1)
        self.setCentralWidget(centre)
        fill_menus(self, self.actions_by_id, self._draw_menus)
        self._toolbar = made_toolbar(self, self.actions_by_id)
        self.addToolBar(self._toolbar)
        self.setStatusBar(self.status)
        self._dock("modules", self.tr("Modules"), self.modules, Qt.DockWidgetArea.LeftDockWidgetArea)
        self._dock("panels", self.tr("Panels"), self.shown, Qt.DockWidgetArea.RightDockWidgetArea)
        timeline = LaterPanel(self._made_timeline)
        self._dock("timeline", self.tr("Timeline"), timeline, Qt.DockWidgetArea.RightDockWidgetArea)
        for name, title, panel in (
            ("problems", self.tr("Problems"), self.problems),
            ("log", self.tr("Log"), self.log),
            ("events", self.tr("Events"), self.events),
        ):
            self._dock(name, title, panel, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.tabifyDockWidget(self.docks["problems"], self.docks["log"])
        self.tabifyDockWidget(self.docks["log"], self.docks["events"])
        self.docks["problems"].raise_()

    def _dock(self, name: str, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> None:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"{name}.dock")
        dock.setWidget(panel)
        if isinstance(panel, LaterPanel):
            dock.visibilityChanged.connect(panel.attend_soon)
        if area is Qt.DockWidgetArea.BottomDockWidgetArea:
            dock.setTitleBarWidget(QWidget(dock))
            dock.topLevelChanged.connect(self._title_floating)
        self.addDockWidget(area, dock)
        self.docks[name] = dock

    @Slot(bool)
    def _title_floating(self, floating: bool) -> None:  # noqa: FBT001 - a signal's argument
        """A dock among tabs is named by its tab; alone it needs a title."""
        dock = self.sender()
        if isinstance(dock, QDockWidget):
            dock.setTitleBarWidget(None if floating else QWidget(dock))  # type: ignore[arg-type]  # Qt takes a null

    @Slot()
    def _thaw(self) -> None:
        self.actions_by_id["view.freeze"].setChecked(False)

    @Slot()
    def _draw_actions(self) -> None:
        self.actions_by_id.draw(self._look.colours)

    @Slot()
    def _draw_menus(self) -> None:
        self.actions_by_id.draw_rest()

    @Slot()
    def _draw_toolbar(self) -> None:
        self._toolbar.setIconSize(self._look.icon_size)
        if self._percent != self._look.percent:
            self._percent = self._look.percent
            QTimer.singleShot(_SETTLED_MS, self._keep_on_screen)

    @Slot()
    def _keep_on_screen(self) -> None:
        """Larger text made the window larger perhaps; what lies beyond the screen nobody can reach."""
        if not self.isMaximized() and not self.isFullScreen():
            self.resize(self.size().boundedTo(self.screen().availableSize()))
