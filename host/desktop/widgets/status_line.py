"""The line at the bottom: whether what runs is what lies on disk, and how the engine fares."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QStatusBar, QToolButton

from host.desktop.theme.icons import icon
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.state_label import StateLabel
from host.desktop.wording import ago, grouped, millis, size

if TYPE_CHECKING:
    from host.vocabulary.views import EngineView, WatchView


_TOLD_MS: Final = 20_000
"""How long the last act is told."""


class StatusLine(QStatusBar):
    """Watch state on the left, the last act beside it, the engine on the right."""

    bellPressed = Signal()
    gapsPressed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setObjectName("status.line")
        self.setAccessibleName(self.tr("Status line"))
        self.setSizeGripEnabled(False)
        self._engine: EngineView | None = None
        self._watch = StateLabel("status.watch", look)
        self._act = Plain(tone="muted")
        self._act.setObjectName("status.act")
        self._figures = Plain(tone="muted")
        self._figures.setObjectName("status.engine")
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(_TOLD_MS)
        self._forget.timeout.connect(self._act.clear)
        self.addWidget(self._watch)
        self.addWidget(self._act, 1)
        self.addPermanentWidget(self._figures)
        self._gaps = self._button("status.gaps")
        self._gaps.clicked.connect(self.gapsPressed)
        self._bell = self._button("status.bell")
        self._bell.clicked.connect(self.bellPressed)
        self.show_bell(0, 0)
        self.show_gaps(0, 0)
        self.setContentsMargins(8, 0, 8, 0)
        look.changed.connect(self._draw)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._refresh)
        self._timer.start()
        self.down(self.tr("is starting"))

    def tell(self, text: str, tone: str = "muted") -> None:
        """The last act, or what became of it."""
        self._act.setText(text)
        self._act.set_tone(tone)
        self._forget.start()

    def show_bell(self, unseen: int, muted: int) -> None:
        """How many notifications were not seen, and of how many the user does not want to hear."""
        aside = self.tr("({0} muted)").format(muted) if muted else ""
        self._bell.setText(f"{unseen or ''} {aside}".strip())
        self._bell.setAccessibleName(self.tr("Notifications: {0} new {1}").format(unseen, aside).strip())
        self._bell.setToolTip(self._bell.accessibleName())

    def show_gaps(self, window: int, engine: int) -> None:
        """How often each did nothing else for a while, since somebody looked; nothing where neither did."""
        count = window + engine
        self._gaps.setVisible(bool(count))
        self._gaps.setText((self.tr("{0} gap") if count == 1 else self.tr("{0} gaps")).format(grouped(count)))
        self._gaps.setToolTip(
            self.tr("Times of more than 0.1 s in which nothing else was done. Window: {0}. Engine: {1}.").format(
                grouped(window), grouped(engine)
            )
        )
        self._gaps.setAccessibleName(self._gaps.toolTip())

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setProperty("quiet", "true")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addPermanentWidget(button)
        return button

    @Slot()
    def _draw(self) -> None:
        for button, name in ((self._bell, "bell"), (self._gaps, "gaps")):
            button.setIcon(icon(name, self._look.colours))
            button.setIconSize(self._look.icon_size)

    @Slot(object)
    def show_engine(self, engine: EngineView) -> None:
        self._engine = engine
        self._refresh()

    def down(self, word: str) -> None:
        """No figures: the engine does not answer."""
        self._engine = None
        self._watch.show_state("loading", self.tr("Engine {0}\u2026").format(word))
        self._figures.setText("")

    @Slot(float)
    def silent(self, seconds: float) -> None:
        """The engine is there and does not answer: what is shown is of then."""
        self._engine = None
        said = self.tr("The engine has not answered for {0} s; what is shown is from before").format(f"{seconds:.0f}")
        self._watch.show_state("warning", said)

    def rest(self, words: str) -> None:
        """The engine is down and stays so."""
        self._engine = None
        self._watch.show_state("error", words)
        self._figures.setText("")

    @Slot()
    def _refresh(self) -> None:
        if self._engine is None:
            return
        self._watch.show_state(*_watched(self._engine.watch))
        self._figures.setText(
            self.tr("Engine {0}    {1} ms/s Lua    {2}").format(
                self._engine.pid, millis(self._engine.lua_ms_per_s), size(self._engine.memory)
            )
        )


def _watched(watch: WatchView) -> tuple[str, str]:
    """Glyph and words."""
    if not watch.watching:
        return "unloaded", watch.text or "Not watching"
    folders = f"{len(watch.folders)} folder{'' if len(watch.folders) == 1 else 's'}"
    changed = f" ({ago(max(time.time() - watch.last_change, 0))})" if watch.last_change else ""
    if watch.in_step:
        return "active", f"Watching {folders}, in step{changed}"
    return "warning", watch.text or f"Watching {folders}, not in step{changed}"
