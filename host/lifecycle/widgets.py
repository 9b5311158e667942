"""The widgets that a module may declare: their kinds, and what each of their properties has to be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, NoReturn

from host.lifecycle.native_arguments import kind_of
from host.runtime.faults import printable
from host.vocabulary.errors import NotShown, PanelInvalid
from host.vocabulary.views import PanelNode, PlainData

MOST_NODES: Final = 500
"""Of one panel, rows and columns among them."""
DEEPEST: Final = 20
"""Rows and columns inside each other."""
MOST_ROWS: Final = 1000
"""Of a table."""
MOST_ITEMS: Final = 2000
"""Points of a plot, options of a choice, columns of a table."""
HEAVIEST: Final = 1 << 19
"""Characters of all texts of a panel, with 8 for each other value."""
LONGEST: Final = 1000
"""Characters of a text, which is cut after so many."""
LONGEST_TEXT: Final = 20_000
"""The same of the kind ``text``, and of what is typed into a field."""

_ID: Final = re.compile(r"[A-Za-z_][\w.-]{0,79}", re.ASCII)
_MADE: Final = re.compile(r"#\d{1,15}")
_BREAKS: Final = re.compile(r"\r\n?")


class _MistakeError(Exception):
    """What was expected, and where within the value."""

    def __init__(self, expected: str, got: object, place: str = "") -> None:
        super().__init__(f"{expected} expected, got {_word(got)}")
        self.place = place


class _TooManyError(Exception):
    """More than can be shown."""


def _text(value: PlainData) -> str:
    return printable(_string(value)[:LONGEST])


def _long_text(value: PlainData) -> str:
    lines = _BREAKS.sub("\n", _string(value)[:LONGEST_TEXT]).split("\n")
    return "\n".join(line if line.isprintable() else printable(line.replace("\t", "    ")) for line in lines)


def _string(value: PlainData) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if not isinstance(value, str):
        raise _MistakeError("string", value)
    return value


def _truth(value: PlainData) -> bool:
    if not isinstance(value, bool):
        raise _MistakeError("boolean", value)
    return value


def _number(value: PlainData) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _MistakeError("number", value)
    return value if math.isfinite(value) else None


def _scalar(value: PlainData) -> str | float | bool:
    match value:
        case bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case str() | bytes():
            return _text(value)
    raise _MistakeError("string, number or boolean", value)


def _list_of(read: Callable[[PlainData], object], most: int = MOST_ITEMS) -> Callable[[PlainData], object]:
    def read_all(value: PlainData) -> list[object]:
        found = []
        for at, each in enumerate(_list(value, most), 1):
            try:
                found.append(read(each))
            except _MistakeError as mistake:
                mistake.place = f"[{at}]{mistake.place}"
                raise
        return found

    return read_all


def _list(value: PlainData, most: int) -> list[PlainData]:
    if value == {}:
        return []
    if not isinstance(value, list):
        raise _MistakeError("list", value)
    if len(value) > most:
        raise _TooManyError(f"a list has {len(value):,} entries, and at most {most:,} are shown")
    return value


def _handled(value: PlainData) -> bool:
    if value is not True:  # what the runtime puts in the place of a function
        raise _MistakeError("function", value)
    return True


_Read = Callable[[PlainData], object]
_LABEL: Final[Mapping[str, _Read]] = {"label": _text}
_ENABLED: Final[Mapping[str, _Read]] = {"enabled": _truth}

KINDS: Final[Mapping[str, Mapping[str, _Read]]] = {
    "label": {"text": _text},
    "value": {**_LABEL, "value": _scalar, "unit": _text},
    "meter": {**_LABEL, "value": _number, "min": _number, "max": _number, "text": _text},
    "table": {
        **_LABEL,
        "columns": _list_of(_text),
        "rows": _list_of(_list_of(_scalar), MOST_ROWS),
        "follow": _truth,
        "onClick": _handled,
    },
    "button": {"text": _text, **_ENABLED, "onClick": _handled},
    "field": {
        **_LABEL,
        "value": _long_text,
        "placeholder": _text,
        **_ENABLED,
        "onChange": _handled,
        "onSubmit": _handled,
    },
    "checkbox": {**_LABEL, "value": _truth, **_ENABLED, "onChange": _handled},
    "choice": {**_LABEL, "value": _text, "options": _list_of(_text), **_ENABLED, "onChange": _handled},
    "plot": {**_LABEL, "values": _list_of(_number), "min": _number, "max": _number, "unit": _text},
    "text": {**_LABEL, "text": _long_text, "follow": _truth},
    "row": {},
    "column": {},
}
"""By kind, what reads each property; rows and columns have ``children`` besides."""
HOLDERS: Final = frozenset({"row", "column"})
_MAIN: Final = {"label": "text", "button": "text", "text": "text"}
"""What a change without a name is of, where that is not ``value``."""


@dataclass(slots=True)
class Node:
    """One widget, as it stands; ``depth`` is in how many rows and columns."""

    key: str
    kind: str
    depth: int
    properties: dict[str, Any] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    weight: int = field(init=False)

    def __post_init__(self) -> None:
        self.weight = weight_of(self.properties)

    def all(self) -> Iterator[Node]:
        """Yield it, and all below it."""
        yield self
        for child in self.children:
            yield from child.all()

    def heavier(self, new: Mapping[str, object]) -> int:
        """By how much some properties in place of its own would add to its weight."""
        return sum(weight_of(value) - weight_of(self.properties.get(name, "")) for name, value in new.items())

    def put(self, new: Mapping[str, object]) -> None:
        """Change properties."""
        self.weight += self.heavier(new)
        self.properties.update(new)

    def view(self) -> PanelNode:
        children = tuple(child.view() for child in self.children)
        return PanelNode(key=self.key, kind=self.kind, properties=dict(self.properties), children=children)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what a module declared; ``panel`` is the id of it, ``function`` what the module called.

    All methods raise ``PanelInvalid`` for what is a mistake, and ``NotShown`` for what is too much; both leave
    everything as it was.
    """

    panel: str
    function: str

    def children(self, value: PlainData, place: str, depth: int) -> list[Node]:
        """Read the widgets of a panel, a row or a column; without a look at whether their ids are unique."""
        if depth > DEEPEST:
            self.too_much(f"has more than {DEEPEST} rows and columns inside each other")
        try:
            found = _list(value, MOST_NODES)
        except _MistakeError as mistake:
            self._refuse(place, str(mistake))
        except _TooManyError:
            self.too_much(f"has more than {MOST_NODES} widgets")
        return [self._node(each, f"{place}[{at}]", depth) for at, each in enumerate(found, 1)]

    def properties(self, kind: str, given: Mapping[Any, PlainData], place: str) -> dict[str, Any]:
        """Read properties of a widget of some kind, without ``kind``, ``id`` and ``children``."""
        known, found = KINDS[kind], {}
        for name, value in given.items():
            if name not in known:
                self._refuse(f"{place}.{_shown(name)}", _unknown(kind, _shown(name)))
            try:
                found[name] = known[name](value)
            except _MistakeError as mistake:
                self._refuse(f"{place}.{name}{mistake.place}", str(mistake))
            except _TooManyError as excess:
                self.too_much(f"cannot be shown: in {place}.{name} {excess}")
        return found

    def changes(self, kind: str, value: PlainData, place: str) -> dict[str, PlainData]:
        """Take the change of one widget apart: properties by name, or the one that it is about."""
        if isinstance(value, dict):
            return value
        if isinstance(value, list) or kind in HOLDERS:
            self._refuse(place, f"table of properties expected, got {_word(value)}")
        return {_MAIN.get(kind, "value"): value}

    def too_much(self, reason: str) -> NoReturn:
        raise NotShown(self.panel, reason)

    def _node(self, value: PlainData, place: str, depth: int) -> Node:
        if not isinstance(value, dict):
            self._refuse(place, f"table with a kind expected, got {_word(value)}")
        given = dict(value)
        kind, key = given.pop("kind", None), given.pop("key", None)
        if not isinstance(kind, str) or kind not in KINDS:
            near = get_close_matches(str(kind), KINDS, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            self._refuse(f"{place}.kind", f"one of {', '.join(KINDS)} expected, got {_word(kind)}{hint}")
        name = given.pop("id", None)
        if name is not None:
            key = self.name(name, f"{place}.id")
        elif not isinstance(key, str) or not _MADE.fullmatch(key):
            self._refuse(place, "a widget that the runtime has numbered expected")
        children = given.pop("children", None) if kind in HOLDERS else None
        node = Node(key, kind, depth, self.properties(kind, given, place))
        if children is not None:
            node.children = self.children(children, f"{place}.children", depth + 1)
        return node

    def name(self, value: PlainData, place: str) -> str:
        """Read an id."""
        if not isinstance(value, str) or not _ID.fullmatch(value):
            self._refuse(place, f"letters, digits, _ . - expected, at most 80 and a letter first, got {_word(value)}")
        return value

    def _refuse(self, place: str, expected: str) -> NoReturn:
        raise PanelInvalid(self.function, place, expected)


def weight_of(value: object) -> int:
    """What a value adds to the weight of a panel, as ``HEAVIEST`` counts."""
    match value:
        case str():
            return len(value)
        case list():
            return 8 + sum(map(weight_of, value))
        case dict():
            return sum(map(weight_of, value.values()))
    return 8


def _shown(name: object) -> str:
    return printable(str(name))[:80]


def _unknown(kind: str, name: str) -> str:
    known = ["id", *KINDS[kind], *(("children",) if kind in HOLDERS else ())]
    near = get_close_matches(name, known, n=1)
    return f"a {kind} has {', '.join(known)}" + (f"; did you mean {near[0]!r}?" if near else "")


def _word(value: object) -> str:
    if isinstance(value, str):
        return repr(printable(value)[:40])
    return "list" if isinstance(value, list) else kind_of(value)
