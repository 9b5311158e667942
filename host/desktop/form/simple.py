"""Fields of one value: text, a number, yes or no, one of several."""

from __future__ import annotations

import json
from typing import Any, Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from host.desktop.form.field import ABSENT, Field, Spot
from host.desktop.form.schema import Schema, choices_of, same

_HIDDEN: Final = "\u2022" * 8


class TextField(Field):
    """A string; empty says nothing until somebody wrote in it."""

    def __init__(self, spot: Spot, schema: Schema, value: object) -> None:
        super().__init__(spot)
        self._said = value is not ABSENT
        self._line = QLineEdit("" if value is ABSENT else str(value))
        self._line.setPlaceholderText(hint(schema))
        if secret(schema):
            self._line.setEchoMode(QLineEdit.EchoMode.Password)
        self._line.textEdited.connect(self._edited)
        self._set_up(self._line, "text")

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        return self._line.text() if self._said else ABSENT

    @Slot()
    def _edited(self) -> None:
        self._said = True
        self.changed.emit()


class NumberField(Field):
    """A number; what is none is handed on as text, so that it is told and not lost."""

    def __init__(self, spot: Spot, schema: Schema, value: object) -> None:
        super().__init__(spot)
        self._whole = schema.get("type") == "integer"
        self._line = QLineEdit("" if value is ABSENT else json.dumps(value))
        self._line.setPlaceholderText(hint(schema))
        self._line.textEdited.connect(self.changed)
        self._set_up(self._line, "number")

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        text = self._line.text().strip()
        if not text:
            return ABSENT
        try:
            number = json.loads(text.replace(",", ".") if not self._whole else text)
        except (ValueError, RecursionError):
            return text
        return number if isinstance(number, int | float) and not isinstance(number, bool) else text


class CheckField(Field):
    """Yes or no; says nothing while nobody has touched it and nothing is set."""

    def __init__(self, spot: Spot, schema: Schema, value: object) -> None:
        super().__init__(spot)
        self._said = value is not ABSENT
        self._box = QCheckBox(self.tr("On"))
        self._box.setChecked(bool(schema.get("default") if value is ABSENT else value))
        self._box.clicked.connect(self._clicked)
        self._set_up(self._box, "check")

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        return self._box.isChecked() if self._said else ABSENT

    @Slot()
    def _clicked(self) -> None:
        self._said = True
        self.changed.emit()


class Choice(QComboBox):
    """A list of choices that the wheel scrolls past and does not turn."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ChoiceField(Field):
    """One of the values that the schema lists."""

    def __init__(self, spot: Spot, schema: Schema, value: object) -> None:
        super().__init__(spot)
        self._box = Choice()
        self._values: list[Any] = [ABSENT]
        choices = choices_of(schema)
        standard = next((words for words, each in choices if same(each, schema.get("default", ABSENT))), "")
        self._box.addItem(
            self.tr("{0}, by default").format(standard)
            if standard
            else self.tr("as by default")
            if "default" in schema
            else self.tr("not set")
        )
        for words, each in choices:
            self._box.addItem(words)
            self._values.append(each)
        at = next((at for at, each in enumerate(self._values) if at and same(each, value)), 0)
        self._box.setCurrentIndex(at)
        self._box.activated.connect(self.changed)
        self._set_up(self._box, "choice")

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        return self._values[self._box.currentIndex()]


def secret(schema: Schema) -> bool:
    """Whether what stands there is not to be read by who looks over a shoulder."""
    return schema.get("format") == "password" or schema.get("writeOnly") is True


def hint(schema: Schema) -> str:
    """What stands in an empty field: its default, as it would be typed; its bounds, its format."""
    if "default" in schema:
        standard = schema["default"]
        words = standard if isinstance(standard, str) else json.dumps(standard, ensure_ascii=False)
        return _HIDDEN if secret(schema) and words else words.replace("\n", "\u21b5")
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    if least is not None or most is not None:
        return f"{'' if least is None else least} \u2013 {'' if most is None else most}".strip()
    return str(schema.get("format", ""))
