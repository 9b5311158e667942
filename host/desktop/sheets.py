"""The sheets that slide over the inspector, each made when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from host.desktop.commands import Commands
from host.desktop.muting import Muting
from host.desktop.notices import Notices
from host.desktop.pulse import Pulse
from host.desktop.theme.look import Look
from host.desktop.widgets.sliding import Sheet

if TYPE_CHECKING:
    from host.desktop.panels.about import AboutSheet
    from host.desktop.panels.gaps import GapsSheet
    from host.desktop.panels.install_sheet import InstallSheet
    from host.desktop.panels.new_sheet import NewSheet
    from host.desktop.panels.notices import NoticesSheet
    from host.desktop.panels.profile_sheet import ProfileSheet
    from host.desktop.panels.swap_sheet import SwapSheet
    from host.desktop.panels.why import WhySheet
    from host.vocabulary.views import ModuleView


class Sheets(QObject):
    """``whyChosen`` carries a reason that was clicked, ``profileChosen`` names the profile in force.

    ``moduleChosen`` names a module to look at.
    """

    whyChosen = Signal(object)
    profileChosen = Signal(str)
    moduleChosen = Signal(str)

    def __init__(
        self,
        commands: Commands,
        notices: Notices,
        muting: Muting,
        pulse: Pulse,
        data: Path,
        look: Look,
        below: QWidget,
    ) -> None:
        super().__init__(below)
        self._commands = commands
        self._notices = notices
        self._muting = muting
        self._pulse = pulse
        self._data = data
        self._look = look
        self._below = below

    @property
    def made(self) -> list[Sheet]:
        """Those that were made, open or not."""
        return [each for each in vars(self).values() if isinstance(each, Sheet)]

    def inspect(self, view: ModuleView) -> None:
        """Tell the sheets that are about one module how it stands; one about another closes."""
        for name in ("swap", "why"):
            if name in vars(self):
                getattr(self, name).inspect(view)

    def look_again(self, changed_at: float) -> None:
        """Something on disk changed, which a sheet may have looked at."""
        if "swap" in vars(self):
            self.swap.look_again(changed_at)

    @cached_property
    def swap(self) -> SwapSheet:
        from host.desktop.panels.swap_sheet import SwapSheet  # noqa: PLC0415 - the first window does not wait for it

        return SwapSheet(self._commands, self._look, self._below)

    @cached_property
    def why(self) -> WhySheet:
        from host.desktop.panels.why import WhySheet  # noqa: PLC0415 - as above

        sheet = WhySheet(self._below)
        sheet.chosen.connect(self.whyChosen)
        return sheet

    @cached_property
    def profile(self) -> ProfileSheet:
        from host.desktop.panels.profile_sheet import ProfileSheet  # noqa: PLC0415 - as above

        sheet = ProfileSheet(self._commands, self._data, self._look, self._below)
        sheet.switched.connect(self.profileChosen)
        sheet.kept.connect(self.profileChosen)
        return sheet

    @cached_property
    def install(self) -> InstallSheet:
        from host.desktop.panels.install_sheet import InstallSheet  # noqa: PLC0415 - as above

        return InstallSheet(self._commands, self._below)

    @cached_property
    def new(self) -> NewSheet:
        from host.desktop.panels.new_sheet import NewSheet  # noqa: PLC0415 - as above

        return NewSheet(self._commands, self._below)

    @cached_property
    def notices(self) -> NoticesSheet:
        from host.desktop.panels.notices import NoticesSheet  # noqa: PLC0415 - as above

        sheet = NoticesSheet(self._notices, self._muting, self._look, self._below)
        sheet.chosen.connect(self.moduleChosen)
        return sheet

    @cached_property
    def gaps(self) -> GapsSheet:
        from host.desktop.panels.gaps import GapsSheet  # noqa: PLC0415 - as above

        sheet = GapsSheet(self._pulse, self._commands, self._look, self._below)
        sheet.chosen.connect(self.moduleChosen)
        return sheet

    @cached_property
    def about(self) -> AboutSheet:
        from host.desktop.panels.about import AboutSheet  # noqa: PLC0415 - as above

        return AboutSheet(self._data, self._below)
