"""Of whom the user does not want to hear: modules whose notifications, and problems that, count for nothing."""

from __future__ import annotations

import json

from PySide6.QtCore import QObject, Signal

from host.desktop.settings import Settings


class Muting(QObject):
    """Two sets of names, remembered with the window; what is muted is still shown, and not counted."""

    changed = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.modules = _read(settings.text("mute/modules", "[]"))
        self.problems = _read(settings.text("mute/problems", "[]"))

    def toggle_module(self, name: str) -> None:
        """Mute a module's notifications, or hear of them again."""
        self.modules ^= {name}
        self._keep()

    def toggle_problem(self, name: str) -> None:
        """Mute a problem by its id, or count it again."""
        self.problems ^= {name}
        self._keep()

    def _keep(self) -> None:
        self._settings.keep_text("mute/modules", json.dumps(sorted(self.modules)))
        self._settings.keep_text("mute/problems", json.dumps(sorted(self.problems)))
        self.changed.emit()


def _read(text: str) -> frozenset[str]:
    """Names as they were kept; what cannot be read is as good as none."""
    try:
        names = json.loads(text)
    except ValueError:
        return frozenset()
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
