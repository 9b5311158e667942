"""The widgets of a panel that people read: each draws its properties anew when some of them change."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from host.desktop.shown.following import Following
from host.desktop.shown.painted import Bar, Curve, Head, part_of
from host.desktop.shown.rows import worded
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain

_LONG: Final = re.compile(r"([^\n]{400,600}) |([^\n]{600})(?=[^\n])")
"""A stretch of a line, up to a space if there is one: Qt lays a paragraph of 20,000 characters out for 25 ms."""

_WORD: Final = re.compile(r"\S{30}(?=\S)")
"""A stretch without a place to break it: a label breaks there all the same."""


class Piece(QWidget):
    """One widget of a panel; ``acted`` carries its key, an event and its value.

    Attributes:
        wanted: whether it has anything to show.
        placed: whether it stands where it belongs: before that it is not to be seen.
    """

    acted = Signal(str, str, object)

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.key: Final = key
        self.name: Final = name
        self.look: Final = look
        self.has: dict[str, Any] = {}
        self.wanted = True
        self.placed = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_all(self, properties: Mapping[str, Any]) -> None:
        """Draw a widget as it stands."""
        self.has = dict(properties)
        self.draw(properties.keys())

    def put(self, changed: Mapping[str, Any]) -> None:
        """Draw what changed of it."""
        self.has |= changed
        self.draw(changed.keys())

    def draw(self, changed: Collection[str]) -> None:
        """Bring up to date what these properties are about."""
        raise NotImplementedError

    def flush(self) -> None:
        """Tell at once what would be told in a moment."""

    def told(self) -> None:
        """What it told last has reached the module."""

    def forgotten(self) -> None:
        """Whatever it told nobody knows any more."""

    def act(self, event: str, value: object = None) -> None:
        self.acted.emit(self.key, event, value)

    def column(self, *widgets: QWidget) -> None:
        """Lay widgets out below each other."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for widget in widgets:
            layout.addWidget(widget)

    def name_for(self, control: QWidget) -> None:
        """Give the control that people use its names."""
        control.setObjectName(self.name)
        label = self.has.get("label") or self.has.get("placeholder") or self.key.replace("_", " ").strip("#")
        control.setAccessibleName(label)


class LabelPiece(Piece):
    """A text that wraps."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._text = Plain(wrap=True, parent=self)
        self._text.setMinimumWidth(1)
        self._text.setObjectName(name)
        self.column(self._text)

    def draw(self, changed: Collection[str]) -> None:
        del changed
        text = self.has.get("text", "")
        self._text.setText(_WORD.sub("\\g<0>\u200b", text))
        self.wanted = bool(text)
        self.setVisible(self.wanted and self.placed)


class ValuePiece(Piece):
    """A label, and a text, a number or a truth beside it."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._head = Head(look, self)
        self._head.setObjectName(name)
        self.column(self._head)

    def draw(self, changed: Collection[str]) -> None:
        del changed
        text = f"{worded(self.has.get('value'))} {self.has.get('unit', '')}".rstrip()
        self._head.say(self.has.get("label", ""), text)


class MeterPiece(Piece):
    """A label, how much of the whole in words, and the same as a bar."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._head, self._bar = Head(look, self), Bar(look, self)
        self._bar.setObjectName(name)
        self.column(self._head, self._bar)

    def draw(self, changed: Collection[str]) -> None:
        del changed
        value, low, high = self.has.get("value"), self.has.get("min") or 0, self.has.get("max")
        high = 1 if high is None else high
        part = part_of(value, low, high) if value is not None else 0.0
        text = self.has.get("text") or (f"{part:.0%}".replace("%", " %") if value is not None else worded(None))
        self._head.say(self.has.get("label", ""), text)
        self._bar.setAccessibleName(self._head.accessibleName())
        self._bar.fill(part)


class PlotPiece(Piece):
    """A label, the newest of some numbers, and all of them as a curve."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._head, self._curve = Head(look, self), Curve(look, self)
        self._curve.setObjectName(name)
        self.column(self._head, self._curve)

    def draw(self, changed: Collection[str]) -> None:
        del changed
        values = self.has.get("values", [])
        newest = f"{worded(values[-1])} {self.has.get('unit', '')}".rstrip() if values else ""
        self._head.say(self.has.get("label", ""), newest)
        self._curve.setAccessibleName(self._head.accessibleName())
        self._curve.show_points(values, self.has.get("min"), self.has.get("max"))


class TextPiece(Piece):
    """Several lines to read; with ``follow`` their end stays in sight."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._head, self._text = Head(look, self), QPlainTextEdit(self)
        self._following = Following(self._text)
        self._shown = ""
        self._text.setReadOnly(True)
        self._text.setUndoRedoEnabled(False)
        self._text.setTabChangesFocus(True)
        self._text.setProperty("form", "true")
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        look.changed.connect(self._measure)
        self._measure()
        self.column(self._head, self._text)

    def draw(self, changed: Collection[str]) -> None:
        self._head.say(self.has.get("label", ""), "")
        self._following.on = bool(self.has.get("follow"))
        self.name_for(self._text)
        text = self.has.get("text", "")
        if "text" not in changed or text == self._shown:
            return
        self._shown = text
        bar, at = self._text.verticalScrollBar(), self._text.verticalScrollBar().value()
        follows = self._following.on and at >= bar.maximum()
        self._text.setPlainText(_LONG.sub(lambda found: f"{found[1] or found[2]}\n", text))
        bar.setValue(bar.maximum() if follows else at)

    @Slot()
    def _measure(self) -> None:
        self._text.setFixedHeight(6 * self.look.line_height + 12)
