"""Fields that hold fields: objects, arrays, and what may be one of several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from host.desktop.form.field import ABSENT, Field, JsonField, Spot
from host.desktop.form.schema import DEEPEST, DEEPEST_UNSAID, Schema, alternatives, blank, fits, flat, kind_of
from host.desktop.form.simple import CheckField, Choice, ChoiceField, NumberField, TextField
from host.desktop.widgets.labels import Plain

if TYPE_CHECKING:
    from host.vocabulary.settings import SettingFault

_MOST_STANDARD: Final = 20
"""Items that an array is shown with by default; of more their number."""


def made_field(spot: Spot, schema: object, value: object) -> Field:
    """The field for one place: as JSON text where the schema has no other, or the value fits none."""
    said = flat(schema, spot.root)
    if len(spot.path) <= DEEPEST and spot.unsaid > DEEPEST_UNSAID and kind_of(said) in {"object", "array", "union"}:
        return FoldedField(spot, said)
    if len(spot.path) > DEEPEST or _of_unions(said, spot) or (value is not ABSENT and not fits(said, value, spot.root)):
        return JsonField(spot, value)
    kinds: dict[str, Callable[[Spot, Schema, object], Field]] = {
        "choice": ChoiceField,
        "string": TextField,
        "integer": NumberField,
        "number": NumberField,
        "boolean": CheckField,
        "object": ObjectField,
        "array": ArrayField,
        "union": UnionField,
    }
    kind = kind_of(said)
    return kinds[kind](spot, said, value) if kind in kinds else JsonField(spot, value)


def _of_unions(said: Schema, spot: Spot) -> bool:
    """Whether one of several shapes is one of several shapes again, which may have no end."""
    return kind_of(said) == "union" and any(kind_of(each) == "union" for _, each in alternatives(said, spot.root))


class ObjectField(Field):
    """A row for each property, those that the schema does not name after them; new ones where it allows any.

    What stands there by default, or because nothing else may, says nothing until somebody changes it.
    """

    def __init__(self, spot: Spot, schema: Schema, value: object) -> None:
        super().__init__(spot)
        self._said = value is not ABSENT
        self._tags: set[str | int] = set()
        standard = schema.get("default")
        if value is ABSENT and spot.path and isinstance(standard, dict):
            value = standard
            self._tags.update(standard)
        values: Mapping[str, Any] = value if isinstance(value, dict) else {}
        named = schema.get("properties")
        self._named: Mapping[str, Any] = named if isinstance(named, dict) else {}
        required = schema.get("required")
        self._required = set(required) if isinstance(required, list) else set()
        self._more = schema.get("additionalProperties", True)
        self._fields: dict[str | int, Field] = {}
        body = QFrame()
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(0 if not spot.path else 12, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(1, 1)
        for key in (*self._named, *(key for key in values if key not in self._named)):
            self._add(key, values.get(key, ABSENT))
        self._column.addWidget(body)
        if self._more is not False and (not self._named or "additionalProperties" in schema):
            self._column.addWidget(self._made_adder())
        self._column.addWidget(self._fault)

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        said = {key: each for key, field in self._fields.items() if (each := field.value()) is not ABSENT}
        by_hand = self._said or not said.keys() <= self._tags
        return said if by_hand or not self.spot.path else ABSENT

    def children_by_key(self) -> Mapping[str | int, Field]:
        return self._fields

    def _add(self, key: str, value: object) -> None:
        schema = flat(self._named.get(key, self._more if isinstance(self._more, dict) else {}), self.spot.root)
        title = str(schema.get("title", key))
        if value is ABSENT and key in self._required and "const" in schema:
            value = schema["const"]
            self._tags.add(key)
        field = made_field(self.spot.below(key, title, said=self._said), schema, value)
        field.changed.connect(partial(self._touched, key))
        row = self._grid.rowCount()
        label = Plain(f"{title} *" if key in self._required else title, role="key")
        label.setBuddy(field)
        label.setContentsMargins(0, 5, 0, 0)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, row, 1)
        if isinstance(said := schema.get("description"), str):
            self._grid.addWidget(Plain(said, tone="muted", wrap=True), row + 1, 1)
        self._fields[key] = field

    def _touched(self, key: str) -> None:
        self._tags.discard(key)
        self.changed.emit()

    def _made_adder(self) -> QWidget:
        adder = QWidget()
        line = QHBoxLayout(adder)
        line.setContentsMargins(12, 0, 0, 0)
        key = QLineEdit()
        key.setPlaceholderText(self.tr("Name of another setting"))
        key.setObjectName(self.spot.name(self.spot.path, "key"))
        key.setAccessibleName(self.tr("Name of another setting in {0}").format(self.spot.title))
        button = _button(self.spot, "add", self.tr("Add"), self.tr("Add to {0}").format(self.spot.title))

        def add() -> None:
            name = key.text().strip()
            if name and name not in self._fields:
                self._add(name, ABSENT)
                self._fields[name].setFocus()
                key.clear()

        button.clicked.connect(add)
        key.returnPressed.connect(add)
        line.addWidget(key, 1)
        line.addWidget(button)
        return adder


class ArrayField(Field):
    """Items below one another: moved, taken out and added; those that stand there by default until one is changed."""

    def __init__(self, spot: Spot, schema: Schema, value: object) -> None:
        super().__init__(spot)
        self._said = value is not ABSENT
        self._schema = schema
        self._items: list[Field] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        self._column.addLayout(self._rows)
        add = _button(spot, "add", self.tr("Add an item"), self.tr("Add an item to {0}").format(spot.title))
        add.clicked.connect(self._add)
        self._column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self._fault)
        standard = schema.get("default")
        self._standard: list[Any] = standard if isinstance(standard, list) else []
        shown = self._standard if value is ABSENT and len(self._standard) <= _MOST_STANDARD else value
        self._fill(list(shown) if isinstance(shown, list) else [])
        if value is ABSENT and len(self._standard) > _MOST_STANDARD:
            self._rows.addWidget(Plain(self.tr("{0} items by default").format(len(self._standard)), tone="muted"))

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        return self._values() if self._said else ABSENT

    def children_by_key(self) -> Mapping[str | int, Field]:
        return dict(enumerate(self._items))

    def _values(self) -> list[Any]:
        return [None if (value := item.value()) is ABSENT else value for item in self._items]

    def _fill(self, values: list[Any]) -> None:
        """Show these; an item that says nothing is shown as an empty field."""
        while (row := self._rows.takeAt(0)) is not None:
            if (widget := row.widget()) is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self._items = []
        for at, value in enumerate(values):
            spot = self.spot.below(at, f"{self.spot.title} {at + 1}")
            item = made_field(spot, self._schema_at(at), value)
            item.changed.connect(self._touched)
            self._items.append(item)
            self._rows.addWidget(self._made_row(at, item))

    def _schema_at(self, at: int) -> object:
        first = self._schema.get("prefixItems")
        return first[at] if isinstance(first, list) and at < len(first) else self._schema.get("items", {})

    def _made_row(self, at: int, item: Field) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(item, 1)
        for kind, words, act in (
            ("up", self.tr("Up"), partial(self._move, at, -1)),
            ("down", self.tr("Down"), partial(self._move, at, 1)),
            ("remove", self.tr("Remove"), partial(self._remove, at)),
        ):
            button = _button(item.spot, kind, words, f"{words}: {item.spot.title}")
            button.clicked.connect(act)
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _move(self, at: int, by: int) -> None:
        values = self._values()
        if 0 <= at + by < len(values):
            values[at], values[at + by] = values[at + by], values[at]
            self._changed(values)

    def _remove(self, at: int) -> None:
        values = self._values()
        del values[at]
        self._changed(values)

    def _add(self) -> None:
        values = self._values() if self._said or self._items else list(self._standard)
        self._changed([*values, blank(flat(self._schema_at(len(values)), self.spot.root))])
        self._items[-1].setFocus()

    def _changed(self, values: list[Any]) -> None:
        self._said = True
        self._fill(values)
        self.changed.emit()

    def _touched(self) -> None:
        self._said = True
        self.changed.emit()


class FoldedField(Field):
    """What lies deep in what nobody set: made when somebody wants to set it, or a schema in itself had no end."""

    def __init__(self, spot: Spot, schema: Schema) -> None:
        super().__init__(spot)
        self._schema = schema
        self._field: Field | None = None
        self._open = _button(spot, "open", self.tr("Set\u2026"), self.tr("Set {0}").format(spot.title))
        self._open.clicked.connect(self._unfold)
        self._column.addWidget(self._open, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self._fault)
        self.setFocusProxy(self._open)

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        return self._field.value() if self._field is not None else ABSENT

    def show_faults(self, faults: Iterable[SettingFault]) -> None:
        if self._field is not None:
            self._field.show_faults(faults)
        else:
            super().show_faults(faults)

    def _unfold(self) -> None:
        self._open.hide()
        self._field = made_field(replace(self.spot, unsaid=0), self._schema, ABSENT)
        self._field.changed.connect(self.changed)
        self._column.insertWidget(0, self._field)
        self.setFocusProxy(self._field)
        self._field.setFocus()


class UnionField(Field):
    """One of several shapes: which, and then its field. Another shape keeps what was said where it fits."""

    def __init__(self, spot: Spot, schema: Schema, value: object) -> None:
        super().__init__(spot)
        self._shapes = alternatives(schema, spot.root)
        self._which = Choice()
        self._which.setObjectName(spot.name(spot.path, "shape"))
        self._which.setAccessibleName(self.tr("Kind of {0}").format(spot.title))
        self._which.addItems([name for name, _ in self._shapes])
        fitting = (at for at, (_, shape) in enumerate(self._shapes) if value is not ABSENT)
        at = next((at for at in fitting if fits(self._shapes[at][1], value, spot.root)), 0)
        self._which.setCurrentIndex(at)
        self._column.addWidget(self._which, 0, Qt.AlignmentFlag.AlignLeft)
        self._field = self._made(value)
        self._column.addWidget(self._fault)
        self._which.activated.connect(self._reshape)
        self.setFocusProxy(self._which)

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        return self._field.value()

    def show_faults(self, faults: Iterable[SettingFault]) -> None:
        self._field.show_faults(faults)

    def _made(self, value: object) -> Field:
        _, shape = self._shapes[self._which.currentIndex()]
        field = made_field(self.spot, shape, value)
        field.changed.connect(self.changed)
        self._column.insertWidget(1, field)
        return field

    def _reshape(self) -> None:
        value = self._field.value()
        _, shape = self._shapes[self._which.currentIndex()]
        self._field.hide()
        self._field.setParent(None)
        self._field.deleteLater()
        kept = value is not ABSENT and fits(shape, value, self.spot.root)
        self._field = self._made(value if kept else {} if kind_of(shape) == "object" else ABSENT)
        self.changed.emit()


def _button(spot: Spot, kind: str, words: str, name: str) -> QPushButton:
    button = QPushButton(words)
    button.setObjectName(spot.name(spot.path, kind))
    button.setAccessibleName(name)
    return button
