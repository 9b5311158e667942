"""Fields of a table, read with their types checked; each fault is kept, none stops the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final, TypeVar

from host.discovery.quantities import Quantity
from host.discovery.toml_lines import KeyPath

Choice = TypeVar("Choice", bound=StrEnum)

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+\Z")
_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a table",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the value at a path; ``message`` goes on where the key stops."""

    path: KeyPath
    message: str


@dataclass(slots=True)
class Fields:
    """One table and where it stands; what is wrong with it is added to ``faults``."""

    values: Mapping[str, Any]
    faults: list[Fault] = field(default_factory=list)
    path: KeyPath = ()

    def refuse(self, key: str, message: str) -> None:
        self.faults.append(Fault((*self.path, key), message))

    def refuse_others(self, known: Sequence[str], what: str = "key") -> None:
        """Refuse each key that is not among ``known``, naming the nearest."""
        for key in self.values.keys() - set(known):
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"possible are {', '.join(known)}"
            self.refuse(key, f"unknown {what}; {hint}")

    def text(self, key: str, default: str = "") -> str:
        value = self.values.get(key, default)
        if value is default or isinstance(value, str):
            return str(value)
        self.refuse(key, _expected("text", value))
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        self.refuse(key, _expected("true or false", value))
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where it is absent."""
        value = self.values.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.refuse(key, _expected("a list of texts", value))
            return ()
        for place, item in enumerate(value, 1):
            if not isinstance(item, str):
                self.refuse(key, f"item {place} of the list: {_expected('text', item)}")
        return tuple(item for item in value if isinstance(item, str))

    def choice(self, key: str, default: Choice) -> Choice:
        value = self.text(key, default)
        kind = type(default)
        try:
            return kind(value)
        except ValueError:
            self.refuse(key, f"{value!r} is not possible; {' or '.join(repr(str(each)) for each in kind)} is")
            return default

    def quantity(self, key: str, kind: Quantity, default: float) -> float:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            fault = "has no unit" if type(value) in {int, float} else _expected("text", value)
            self.refuse(key, f"{fault}; write it as in {kind.example!r}")
            return default
        try:
            return kind.parse(value)
        except ValueError as fault:
            self.refuse(key, str(fault))
            return default

    def whole(self, key: str, default: int, possible: range) -> int:
        """A whole number of a range without gaps."""
        value = self.values.get(key, default)
        if type(value) is not int:
            self.refuse(key, _expected("a whole number", value))
        elif value not in possible:
            self.refuse(key, f"{value} is out of range; between {possible[0]} and {possible[-1]} is possible")
        else:
            return value
        return default

    def table(self, key: str) -> Fields:
        """The table at a key; an empty one where it is absent or something else."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, dict):
            self.refuse(key, _expected("a table", value))
        return Fields(value if isinstance(value, dict) else {}, self.faults, (*self.path, key))


def dotted(path: KeyPath) -> str:
    """A path as TOML writes it: ``permissions."fs.read"``."""
    return ".".join(part if _BARE.match(part) else f'"{part}"' for part in path)


def _expected(wanted: str, value: object) -> str:
    return f"must be {wanted}, not {_KINDS.get(type(value), 'a date or time')}"
