"""What all fields of a form have: a value, a place for faults below it, and word of a change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from host.desktop.form.schema import UNEDITABLE, Schema
from host.desktop.widgets.labels import Plain
from host.vocabulary.settings import SettingFault

ABSENT: Final = object()
"""The value of a field that says nothing."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a field stands: its place in the settings, its title for people, and the whole schema.

    Attributes:
        name: gives each control a name of its own, from its place.
        unsaid: how many of the fields that it lies in are not set.
    """

    path: Path
    title: str
    root: Schema
    name: Callable[[Path, str], str]
    unsaid: int = 0

    def below(self, key: str | int, title: str, *, said: bool = True) -> Spot:
        return Spot((*self.path, key), title, self.root, self.name, self.unsaid + (not said))


class Field(QWidget):
    """One place of the settings; ``changed`` follows each change by hand."""

    changed = Signal()

    def __init__(self, spot: Spot) -> None:
        super().__init__()
        self.spot: Final = spot
        self._fault = Plain(tone="bad", wrap=True)
        self._fault.setObjectName(spot.name(spot.path, "fault"))
        self._fault.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        """What it says, or ``ABSENT``."""
        raise NotImplementedError

    def children_by_key(self) -> Mapping[str | int, Field]:
        """The fields within it."""
        return {}

    def show_faults(self, faults: Iterable[SettingFault]) -> None:
        """Show each fault at the innermost field that its place leads to; paths are from here."""
        mine: list[str] = []
        within: dict[str | int, list[SettingFault]] = {key: [] for key in self.children_by_key()}
        for fault in faults:
            key = fault.path[0] if fault.path else None
            if key is not None and key in within:
                within[key].append(SettingFault(path=fault.path[1:], message=fault.message))
            else:
                place = "".join(f"{each}: " for each in fault.path)
                mine.append(f"{place}{fault.message}")
        for key, field in self.children_by_key().items():
            field.show_faults(within[key])
        self._fault.setText("\n".join(mine))
        self._fault.setVisible(bool(mine))

    def _set_up(self, control: QWidget, kind: str) -> None:
        """Take a control in, named for tests and for people; its fault comes below."""
        control.setObjectName(self.spot.name(self.spot.path, kind))
        control.setAccessibleName(self.spot.title)
        self.setFocusProxy(control)
        self._column.addWidget(control)
        self._column.addWidget(self._fault)


def as_text(value: object) -> str:
    """JSON to be edited; characters that an editor would not give back as they were are escaped."""
    return UNEDITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, indent=2))


class JsonField(Field):
    """JSON as text: for what no other field can show. Text that is no JSON is kept, and is a string."""

    def __init__(self, spot: Spot, value: object) -> None:
        super().__init__(spot)
        self._text = QPlainTextEdit()
        self._text.setTabChangesFocus(True)
        self._text.setPlaceholderText(self.tr("JSON"))
        self._text.setProperty("form", "true")
        self._text.setPlainText("" if value is ABSENT else as_text(value))
        self._text.setMaximumHeight(self._text.fontMetrics().height() * 8)
        self._text.textChanged.connect(self.changed)
        self._set_up(self._text, "json")

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        text = self._text.toPlainText()
        if not text.strip():
            return ABSENT
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
