"""What the window remembers, in a file inside the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSettings

from host.desktop.theme.look import ThemeChoice

LAYOUT_VERSION: Final = 4
"""Grows when docks or toolbars change so that an old layout would mislead; an older one is then not taken up."""


class Settings:
    """The workbench's memory; a value that cannot be read is as good as none."""

    def __init__(self, data: Path) -> None:
        self._store = QSettings(str(data / "workbench.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeChoice:
        value = self.text("look/theme", ThemeChoice.SYSTEM)
        return ThemeChoice(value) if value in set(ThemeChoice) else ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("look/theme", str(choice))

    @property
    def percent(self) -> int:
        """The size of text, in percent."""
        value = self.text("look/percent", "100")
        return int(value) if value.isdecimal() else 100

    @percent.setter
    def percent(self, percent: int) -> None:
        self._store.setValue("look/percent", str(percent))

    def text(self, name: str, default: str) -> str:
        value = self._store.value(name, default)
        return value if isinstance(value, str) else default

    def keep_text(self, name: str, value: str) -> None:
        self._store.setValue(name, value)

    def layout(self, name: str) -> QByteArray | None:
        """A stored arrangement; ``None`` where there is none of this version."""
        if self.text("layout/version", "") != str(LAYOUT_VERSION):
            return None
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else None

    def keep_layout(self, name: str, value: QByteArray) -> None:
        self._store.setValue("layout/version", str(LAYOUT_VERSION))
        self._store.setValue(f"layout/{name}", value)

    def save(self) -> None:
        self._store.sync()
