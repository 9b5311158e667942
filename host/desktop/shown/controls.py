"""The widgets of a panel that people use: each tells what is done with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QSizePolicy, QWidget

from host.desktop.form.simple import Choice
from host.desktop.shown.painted import Head
from host.desktop.shown.pieces import Piece
from host.desktop.shown.rows import as_tip
from host.desktop.theme.look import Look

PAUSE_MS: Final = 100
"""After a key, until what was typed is told."""

_NARROWEST: Final = 24
"""Pixels; a text that has no room is cut off, and is in the tip: it makes no panel wider than its place."""


class ButtonPiece(Piece):
    """What can be clicked."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._button = QPushButton(self)
        self._button.setObjectName(name)
        self._button.setMinimumWidth(_NARROWEST)
        self._button.clicked.connect(self._clicked)
        self.column(self._button)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def draw(self, changed: Collection[str]) -> None:
        del changed
        text = self.has.get("text", "")
        self._button.setText(text.replace("&", "&&"))
        self._button.setAccessibleName(text or self.key)
        self._button.setToolTip(as_tip(text))
        self._button.setEnabled(self.has.get("enabled", True))

    @Slot()
    def _clicked(self) -> None:
        self.act("onClick")


class FieldPiece(Piece):
    """What somebody types is told a moment after the last key, and at once before anything else in the panel is done.

    What the module says meanwhile is shown once it has been told of all that was typed; an echo of what was typed is
    no such word. Where the module does not want to know what is typed, nothing it says comes in between.
    """

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._head, self._line = Head(look, self), QLineEdit(self)
        self._line.textChanged.connect(self._changed)
        self._line.returnPressed.connect(self._submitted)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._rested)
        self._under_way: list[str] = []
        self._held: str | None = None
        self._known = ""
        self._forgotten = self._showing = False
        self.column(self._head, self._line)

    def draw(self, changed: Collection[str]) -> None:
        self._head.say(self.has.get("label", ""), "")
        self.name_for(self._line)
        self._line.setPlaceholderText(self.has.get("placeholder", ""))
        self._line.setEnabled(self.has.get("enabled", True))
        if "value" in changed:
            self._take(self.has["value"])

    def flush(self) -> None:
        if self._timer.isActive() or (self._line.isModified() and self._line.text() != self._known):
            self._timer.stop()
            self._tell("onChange")

    def show_all(self, properties: Mapping[str, Any]) -> None:
        if self._forgotten:  # it is told of what was typed, and says what it makes of that
            self._forgotten, self._known = False, ""
            properties = {name: value for name, value in properties.items() if name != "value"}
            self._timer.start()
            super().show_all(properties)
        else:
            super().show_all({"value": "", **properties})

    def forgotten(self) -> None:
        self._under_way.clear()
        self._forgotten = self._line.isModified()

    def told(self) -> None:
        if self._under_way:
            self._under_way.pop(0)
        if not self._under_way and not self._timer.isActive() and self._held is not None:
            held, self._held = self._held, None
            self._show(held)

    def _take(self, text: str) -> None:
        self._known = text
        typing = self._timer.isActive() or bool(self._under_way)
        if text == self._line.text():
            self._held = None
        elif text in self._under_way or (self._line.isModified() and not self.has.get("onChange")):
            return
        elif typing:
            self._held = text
        else:
            self._show(text)

    def _show(self, text: str) -> None:
        at, at_end = self._line.cursorPosition(), self._line.cursorPosition() == len(self._line.text())
        self._showing = True
        self._line.setText(text)
        self._showing = False
        self._line.setCursorPosition(len(text) if at_end else min(at, len(text)))
        self._line.setModified(False)

    def _tell(self, event: str) -> None:
        self._held, self._known = None, self._line.text()
        self._under_way.append(self._known)
        self.act(event, self._known)

    @Slot()
    def _changed(self) -> None:
        """Somebody typed, or took back what they typed."""
        if not self._showing:
            self._held = None
            self._timer.start()

    @Slot()
    def _rested(self) -> None:
        if self._line.text() != self._known:
            self._tell("onChange")

    @Slot()
    def _submitted(self) -> None:
        self._timer.stop()
        self._line.setModified(False)
        self._tell("onSubmit" if self.has.get("onSubmit") else "onChange")


class CheckPiece(Piece):
    """What can be ticked."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._box = QCheckBox(self)
        self._box.setMinimumWidth(_NARROWEST)
        self._box.clicked.connect(self._clicked)
        self.column(self._box)

    def draw(self, changed: Collection[str]) -> None:
        del changed
        self.name_for(self._box)
        self._box.setText(self.has.get("label", "").replace("&", "&&"))
        self._box.setToolTip(as_tip(self.has.get("label", "")))
        self._box.setEnabled(self.has.get("enabled", True))
        self._box.setChecked(bool(self.has.get("value", False)))

    @Slot()
    def _clicked(self) -> None:
        self.act("onChange", self._box.isChecked())


class ChoicePiece(Piece):
    """One of several texts."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._head, self._box = Head(look, self), Choice(self)
        self._box.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.activated.connect(self._chosen)
        self.column(self._head, self._box)

    def draw(self, changed: Collection[str]) -> None:
        self._head.say(self.has.get("label", ""), "")
        self.name_for(self._box)
        self._box.setEnabled(self.has.get("enabled", True))
        if "options" in changed:
            self._box.clear()
            self._box.addItems(self.has["options"])
        self._box.setCurrentIndex(self._box.findText(self.has.get("value", ""), Qt.MatchFlag.MatchExactly))

    @Slot()
    def _chosen(self) -> None:
        self.act("onChange", self._box.currentText())
