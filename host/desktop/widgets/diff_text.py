"""What differs between files, line by line: what came, what went, and where."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from host.desktop.theme.look import Look

_TONES: Final = (("+++", "muted"), ("---", "muted"), ("@@", "busy"), ("...", "muted"), ("+", "good"), ("-", "bad"))


class _Colours(QSyntaxHighlighter):
    """A line has the colour of what its first character says; the character says it, too."""

    def __init__(self, document: QTextDocument, look: Look) -> None:
        super().__init__(document)
        self._look = look
        look.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        tone = next((tone for mark, tone in _TONES if text.startswith(mark)), "")
        if tone:
            looks = QTextCharFormat()
            looks.setForeground(QColor(getattr(self._look.colours, tone)))
            self.setFormat(0, len(text), looks)


class DiffText(QPlainTextEdit):
    """Read-only text in the unified form; hidden where there is none."""

    def __init__(self, name: str, title: str, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._colours = _Colours(self.document(), look)
        look.changed.connect(self._measure)
        self._measure()
        self.hide()

    def show_diff(self, text: str) -> None:
        self.setPlainText(text)
        self.setVisible(bool(text))

    @Slot()
    def _measure(self) -> None:
        self.setFont(self._look.monospace())
