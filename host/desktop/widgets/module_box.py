"""A choice of one module, or of all."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QComboBox


class ModuleBox(QComboBox):
    """Modules are offered as they come; one that was offered stays."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(self.tr("Module shown"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContentsOnFirstShow)
        self.addItem(self.tr("All modules"), "")
        self._offered: set[str] = set()

    @property
    def module(self) -> str:
        """The one that is chosen; empty for all."""
        return str(self.currentData())

    def offer(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._offered:
                self._offered.add(name)
                self.addItem(name, name)
