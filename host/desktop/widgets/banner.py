"""A strip that says one thing, offers an act or two, and can be closed; it never covers anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton

from host.desktop.theme.icons import icon
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain, restyle

Act = tuple[str, Callable[[], object]]


class Banner(QFrame):
    """One sentence in one tone; hidden until something is said."""

    closed = Signal()

    def __init__(self, name: str, title: str, look: Look) -> None:
        super().__init__()
        self._look = look
        self._name = name
        self._acts: list[Act] = []
        self._buttons: list[QPushButton] = []
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._text = Plain(wrap=True)
        self._text.setObjectName(f"{name}_text")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._close = QToolButton()
        self._close.setObjectName(f"{name}_close")
        self._close.setAccessibleName(self.tr("Close this message"))
        self._close.setToolTip(self.tr("Close this message"))
        self._close.setProperty("quiet", "true")
        self._close.clicked.connect(self.dismiss)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._text, 1)
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
        act: Act | None = None,
        acts: Sequence[Act] = (),
        for_s: float = 0.0,
    ) -> None:
        """Show a sentence in place of the one before.

        Args:
            text: the sentence.
            tone: ``good``, ``busy``, ``warn`` or ``bad``.
            act: the words of a button and what it does.
            acts: those of several.
            for_s: goes by itself after so many seconds; 0 stays.
        """
        restyle(self, "banner", tone)
        self._text.setText(text)
        self._acts = [act] if act else list(acts)
        while len(self._buttons) < len(self._acts):
            self._add_button()
        for at, button in enumerate(self._buttons):
            button.setVisible(at < len(self._acts))
            button.setText(self._acts[at][0] if at < len(self._acts) else "")
            button.setAccessibleName(button.text())
        self._timer.stop()
        if for_s:
            self._timer.start(int(for_s * 1000))
        self.show()

    @Slot()
    def dismiss(self) -> None:
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def _add_button(self) -> None:
        button = QPushButton()
        button.setObjectName(f"{self._name}_act{len(self._buttons) or ''}")
        button.clicked.connect(self._acted)
        self._row.insertWidget(self._row.count() - 1, button)
        self._buttons.append(button)

    @Slot()
    def _acted(self) -> None:
        _, act = self._acts[self._buttons.index(self.sender())]  # type: ignore[arg-type]  # one of the buttons
        self.dismiss()
        act()

    @Slot()
    def _draw(self) -> None:
        self._close.setIcon(icon("close", self._look.colours))
