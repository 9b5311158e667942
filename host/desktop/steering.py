"""The actions that are about the window itself: sections, docks, palette, theme, text."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from host.desktop.actions import DOCKS, SECTIONS
from host.desktop.models.arranging import ARRANGEMENTS
from host.desktop.models.host import HostModels
from host.desktop.reporting import Reporting
from host.desktop.theme.look import STEP, Look, ThemeChoice
from host.desktop.widgets.banner import Banner
from host.desktop.widgets.command_palette import CommandPalette, Entry
from host.desktop.widgets.sliding import Sheet
from host.desktop.window import Workbench


class Steering(QObject):
    """Carries out what the window does to itself; nothing of it reaches the engine."""

    def __init__(self, window: Workbench, models: HostModels, look: Look, reporting: Reporting) -> None:
        super().__init__(window)
        self._window = window
        self._models = models
        self._look = look
        self._reporting = reporting
        self.arrangement = "tier"
        self._palette = CommandPalette(look, window, self.entries)
        actions = window.actions_by_id
        window.status.bellPressed.connect(actions["view.notices"].trigger)
        window.status.gapsPressed.connect(actions["view.gaps"].trigger)
        for name in SECTIONS:
            actions.connect(f"section.{name}", self._show_section)
        for name in DOCKS:
            actions.connect(f"dock.{name}", self._go_to_dock)
        for choice in ThemeChoice:
            actions.connect(f"theme.{choice}", self._choose_theme)
        actions[f"theme.{look.choice}"].setChecked(True)
        for name in ARRANGEMENTS:
            actions.connect(f"arrange.{name}", self._arrange)
        for name, slot in (
            ("file.quit", window.close),
            ("module.filter", self._filter),
            ("profile.choose", self._choose_profile),
            ("view.palette", self._palette.summon),
            ("view.dismiss", self._dismiss),
            ("view.notices", self._show_notices),
            ("view.gaps", self._show_gaps),
            ("view.next_panel", self._next_panel),
            ("view.previous_panel", self._previous_panel),
            ("text.larger", self._larger),
            ("text.smaller", self._smaller),
            ("text.normal", self._normal),
            ("help.keys", self._palette.summon),
            ("help.about", self._about),
        ):
            actions.connect(name, slot)

    def entries(self) -> list[Entry]:
        actions = [
            Entry(name, action.text().replace("&", ""), action.shortcut().toString(), action.trigger)
            for name, action in self._window.actions_by_id.items()
            if action.isEnabled() and name != "view.palette"
        ]
        modules = [
            Entry(f"inspect.{name}", name, self.tr("module"), partial(self._reporting.look_at, name))
            for name in sorted(self._models.modules.views)
        ]
        return [*actions, *modules]

    @Slot()
    def _show_section(self) -> None:
        name = self.sender().objectName()
        self._window.inspector.show_section(name)
        if name == "section.console":  # who opens it wants to type
            self._window.inspector.focus_section()

    @Slot()
    def _go_to_dock(self) -> None:
        name = self.sender().objectName().partition(".")[2]
        self._window.focus_dock(name)

    @Slot()
    def _next_panel(self) -> None:
        self._window.focus_next(1)

    @Slot()
    def _previous_panel(self) -> None:
        self._window.focus_next(-1)

    @Slot()
    def _filter(self) -> None:
        self._window.docks["modules"].show()
        self._window.modules.focus_filter()

    @Slot()
    def _choose_profile(self) -> None:
        self._window.sheets.profile.offer(self._window.profile)

    @Slot()
    def _dismiss(self) -> None:
        """Close what is on top: palette, sheet, message, then the filter."""
        tops: tuple[Sheet | Banner, ...] = (self._palette, *self._window.sheets.made, self._window.inspector.notice)
        for sheet in tops:
            if not sheet.isHidden():
                sheet.dismiss()
                return
        self._window.modules.set_filter("")

    @Slot()
    def _choose_theme(self) -> None:
        self._look.choose(ThemeChoice(self.sender().objectName().partition(".")[2]))

    @Slot()
    def _arrange(self) -> None:
        self.arrange(self.sender().objectName().partition(".")[2])

    def arrange(self, name: str) -> None:
        """Arrange the modules, and note how; a name that is none is by tier."""
        self.arrangement = name if name in ARRANGEMENTS else "tier"
        self._window.actions_by_id[f"arrange.{self.arrangement}"].setChecked(True)
        self._window.modules.arrange(self.arrangement)

    @Slot()
    def _larger(self) -> None:
        self._look.resize(self._look.percent + STEP)

    @Slot()
    def _smaller(self) -> None:
        self._look.resize(self._look.percent - STEP)

    @Slot()
    def _normal(self) -> None:
        self._look.resize(100)

    @Slot()
    def _show_notices(self) -> None:
        self._window.sheets.notices.offer()

    @Slot()
    def _show_gaps(self) -> None:
        self._window.sheets.gaps.offer()

    @Slot()
    def _about(self) -> None:
        self._window.sheets.about.tell()
