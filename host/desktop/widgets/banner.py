"""A strip that says one thing, offers an act or two, and can be closed; it never covers anything."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton

from host.desktop.theme.icons import icon
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain, restyle


class Banner(QFrame):
    """One sentence in one tone; hidden until something is said."""

    closed = Signal()

    def __init__(self, name: str, title: str, look: Look) -> None:
        super().__init__()
        self._look = look
        self._act: Callable[[], object] | None = None
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._text = Plain(wrap=True)
        self._text.setObjectName(f"{name}_text")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.setObjectName(f"{name}_act")
        self._button.clicked.connect(self._acted)
        self._close = QToolButton()
        self._close.setObjectName(f"{name}_close")
        self._close.setAccessibleName(self.tr("Close this message"))
        self._close.setToolTip(self.tr("Close this message"))
        self._close.setProperty("quiet", "true")
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        look.changed.connect(self._draw)
        self._draw()
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text() if not self.isHidden() else ""

    def say(
        self,
        text: str,
        tone: str,
        *,
        act: tuple[str, Callable[[], object]] | None = None,
        for_s: float = 0.0,
    ) -> None:
        """Show a sentence in place of the one before.

        Args:
            text: the sentence.
            tone: ``good``, ``busy``, ``warn`` or ``bad``.
            act: the words of a button and what it does.
            for_s: goes by itself after so many seconds; 0 stays.
        """
        restyle(self, "banner", tone)
        self._text.setText(text)
        self._act = act[1] if act else None
        self._button.setVisible(act is not None)
        if act:
            self._button.setText(act[0])
            self._button.setAccessibleName(act[0])
        self._timer.stop()
        if for_s:
            self._timer.start(int(for_s * 1000))
        self.show()

    @Slot()
    def dismiss(self) -> None:
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    @Slot()
    def _acted(self) -> None:
        act = self._act
        self.dismiss()
        if act is not None:
            act()

    @Slot()
    def _draw(self) -> None:
        self._close.setIcon(icon("close", self._look.colours))
