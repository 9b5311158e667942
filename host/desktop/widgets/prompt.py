"""One line to type into, with what was typed before, and with what the text could go on with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QStringListModel, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView

KEPT: Final = 200
_REST_MS: Final = 60
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_TAKEN: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})


class Prompt(QLineEdit):
    """``entered`` carries a line; ``completing`` the text before the cursor, for which it wants names by ``offer``.

    Attributes:
        names: the list of these, below it.
    """

    entered = Signal(str)
    completing = Signal(str)

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._before: list[str] = []
        self._at = 0
        self._draft = ""
        self._offered = QStringListModel(self)
        self._completer = QCompleter(self._offered, self)
        self.names = QListView()
        self.names.setObjectName(f"{name}_names")
        self.names.setAccessibleName(self.tr("Names that the text could go on with"))
        self._completer.setPopup(self.names)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.names.installEventFilter(self)  # after the completer's, and so asked before it
        self._completer.activated.connect(self.take)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        self.textEdited.connect(self._rest.start)
        self.returnPressed.connect(self._enter)

    def offer(self, text: str, names: Sequence[str]) -> None:
        """Show how ``text``, where it still stands before the cursor, could go on."""
        word = self._word()
        if text != self._left() or not names or list(names) == [word]:
            self.names.hide()
            return
        self._offered.setStringList(list(names))
        area = self.cursorRect()
        area.setWidth(self.names.sizeHintForColumn(0) + 40)
        self._completer.complete(area)
        self.names.setCurrentIndex(QModelIndex())  # the completer chooses the first

    @property
    def offered(self) -> list[str]:
        """The names that are shown now."""
        return self._offered.stringList() if self.names.isVisible() else []

    @Slot(str)
    def take(self, name: str) -> None:
        """Put a name in place of its beginning."""
        left, right = self._left(), self.text()[self.cursorPosition() :]
        kept = left[: len(left) - len(self._word())] + name
        self.setText(kept + right)
        self.setCursorPosition(len(kept))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tab takes the chosen name, or the first; Return takes one that was chosen, and else runs the text."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _TAKEN:
            chosen = self.names.currentIndex()
            self.names.hide()
            if chosen.isValid() or event.key() == Qt.Key.Key_Tab:
                self.take(str(chosen.data()) if chosen.isValid() else self._offered.stringList()[0])
            else:
                self._enter()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Up:
            self._go(-1)
        elif event.key() == Qt.Key.Key_Down:
            self._go(1)
        else:
            super().keyPressEvent(event)

    def _go(self, by: int) -> None:
        """To the line before or after in what was typed; what is being typed comes after the last."""
        if self._at == len(self._before):
            self._draft = self.text()
        self._at = min(max(self._at + by, 0), len(self._before))
        self.setText(self._draft if self._at == len(self._before) else self._before[self._at])

    def _left(self) -> str:
        return self.text()[: self.cursorPosition()]

    def _word(self) -> str:
        found = _WORD.search(self._left())
        return found[0] if found else ""

    @Slot()
    def _ask(self) -> None:
        self.completing.emit(self._left())

    @Slot()
    def _enter(self) -> None:
        text = self.text().strip()
        self._rest.stop()
        self.names.hide()
        if not text:
            return
        self._before = [*(each for each in self._before if each != text), text][-KEPT:]
        self._at, self._draft = len(self._before), ""
        self.clear()
        self.entered.emit(text)
