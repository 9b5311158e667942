"""The look in force: which colours, how large the text, and word to all who paint with them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication

from host.desktop.theme.colours import DARK, LIGHT, Colours
from host.desktop.theme.palette import palette
from host.desktop.theme.sheet import sheet

SMALLEST: Final = 80
LARGEST: Final = 200
STEP: Final = 10
_BASE_POINTS: Final = 10.0
_MONOSPACE: Final = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Noto Sans Mono", "DejaVu Sans Mono")


class ThemeChoice(StrEnum):
    """What the user asked for; ``system`` follows the desktop where it tells, and is dark where it does not."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Look(QObject):
    """The colours and the text size of the whole program.

    All but the font is in force only after the first ``apply``. ``changed`` follows each ``apply``; who paints with
    ``colours`` repaints then.
    """

    changed = Signal()

    def __init__(self, application: QApplication, choice: ThemeChoice, percent: int) -> None:
        super().__init__()
        self._application = application
        self._choice = choice
        self._percent = min(max(percent, SMALLEST), LARGEST)
        self._points = max(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).pointSizeF(), _BASE_POINTS)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._announce_scheme()
        self._set_font()

    @property
    def colours(self) -> Colours:
        match self._choice:
            case ThemeChoice.LIGHT:
                return LIGHT
            case ThemeChoice.DARK:
                return DARK
            case ThemeChoice.SYSTEM:
                scheme = QGuiApplication.styleHints().colorScheme()
                return LIGHT if scheme == Qt.ColorScheme.Light else DARK

    @property
    def choice(self) -> ThemeChoice:
        return self._choice

    @property
    def percent(self) -> int:
        return self._percent

    @property
    def line_height(self) -> int:
        """The height of one line of text in pixels."""
        return self.metrics.height()

    @property
    def metrics(self) -> QFontMetrics:
        """Of the text as it is now: a widget may hear of another size later."""
        return QFontMetrics(self._application.font())

    @property
    def icon_size(self) -> QSize:
        """Icons grow with the text."""
        side = 16 * self._percent // 100
        return QSize(side, side)

    def choose(self, choice: ThemeChoice) -> None:
        """Put other colours in force, at once and everywhere."""
        self._choice = choice
        self._announce_scheme()
        self.apply()

    def resize(self, percent: int) -> None:
        """Set the size of all text; bounded to 80-200 %."""
        self._percent = min(max(percent, SMALLEST), LARGEST)
        self.apply()

    def monospace(self) -> QFont:
        """The font of code and values, as large as the rest."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setFamilies([*_MONOSPACE, font.family()])
        font.setPointSizeF(self._points * self._percent / 100)
        return font

    def apply(self) -> None:
        """Put the look in force on all there is; cheapest when everything is built."""
        self._set_font()
        self._application.setPalette(palette(self.colours))
        self._application.setStyleSheet(sheet(self.colours, self._application.font().pointSizeF()))
        self.changed.emit()

    def _set_font(self) -> None:
        """Also before anything is built: a widget that is older than its font does not hear of the first one."""
        font = self._application.font()
        font.setPointSizeF(self._points * self._percent / 100)
        font.setFeature(QFont.Tag("tnum"), 1)  # figures that change must not move what stands beside them
        self._application.setFont(font)

    def _announce_scheme(self) -> None:
        """Tell Qt, so that what the system draws (title bars, file dialogs) goes along where it can."""
        schemes = {ThemeChoice.LIGHT: Qt.ColorScheme.Light, ThemeChoice.DARK: Qt.ColorScheme.Dark}
        QGuiApplication.styleHints().setColorScheme(schemes.get(self._choice, Qt.ColorScheme.Unknown))

    @Slot()
    def _system_changed(self) -> None:
        if self._choice is ThemeChoice.SYSTEM:
            self.apply()
