"""Fields that hold fields: objects, arrays, and what may be one of several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from host.desktop.form.field import ABSENT, Field, JsonField, Spot
from host.desktop.form.schema import DEEPEST, DEEPEST_UNSAID, Schema, alternatives, blank, fits, flat, kind_of
from host.desktop.form.simple import CheckField, Choice, ChoiceField, NumberField, TextField
from host.desktop.widgets.labels import Plain

if TYPE_CHECKING:
    from host.vocabulary.settings import SettingFault


def made_field(spot: Spot, schema: object, value: object) -> Field:
    """The field for one place: as JSON text where the schema has no other, or the value fits none."""
    said = flat(schema, spot.root)
    too_deep = len(spot.path) > DEEPEST or spot.unsaid > DEEPEST_UNSAID
    if too_deep or _of_unions(said, spot) or (value is not ABSENT and not fits(said, value, spot.root)):
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
    """A row for each property, those that the schema does not name after them; new ones where it allows any."""

    def __init__(self, spot: Spot, schema: Schema, value: object) -> None:
        super().__init__(spot)
        self._said = value is not ABSENT
        values: Mapping[str, Any] = value if isinstance(value, dict) else {}
        named = schema.get("properties")
        self._named: Mapping[str, Any] = named if isinstance(named, dict) else {}
        required = schema.get("required")
        self._required = set(required) if isinstance(required, list) else set()
        self._more = schema.get("additionalProperties", True)
        self._fields: dict[str | int, Field] = {}
        self._tags: set[str | int] = set()
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
        field.changed.connect(self.changed)
        row = self._grid.rowCount()
        label = Plain(f"{title} *" if key in self._required else title, role="key")
        label.setBuddy(field)
        label.setContentsMargins(0, 5, 0, 0)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, row, 1)
        if isinstance(said := schema.get("description"), str):
            self._grid.addWidget(Plain(said, tone="muted", wrap=True), row + 1, 1)
        self._fields[key] = field

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
    """Items below one another: moved, taken out and added."""

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
        self._fill(list(value) if isinstance(value, list) else [])

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
            item.changed.connect(self.changed)
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
        self._changed([*self._values(), blank(flat(self._schema_at(len(self._items)), self.spot.root))])
        self._items[-1].setFocus()

    def _changed(self, values: list[Any]) -> None:
        self._said = True
        self._fill(values)
        self.changed.emit()


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
