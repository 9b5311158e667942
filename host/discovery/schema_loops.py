"""Schemas that refer to themselves without end: by them nothing can be judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

_ONE: Final = ("not", "if", "then", "else")
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_ANCHORS: Final = ("$anchor", "$dynamicAnchor")
_MOST: Final = 10_000
"""Parts of a schema that are looked at."""


def endless(schema: Mapping[str, Any]) -> str:
    """The reference by which a schema comes back to itself as it judges one and the same value; empty: there is none.

    A reference below ``properties`` or ``items`` is about a part of the value, and ends where the value does. Looked at
    is what is in the schema itself. Source: JSON Schema 2020-12, section 9.4.1, on infinite recursion.
    """
    done: set[int] = set()
    parts = list(_parts(schema))
    anchors = {part[key]: part for part in parts for key in _ANCHORS if isinstance(part.get(key), str)}
    whole = _Whole(schema, anchors)
    for part in parts:
        if (found := _loop(whole, part, done)) is not None:
            return found or "an empty reference"
    return ""


class _Whole(NamedTuple):
    """A schema, and its parts that have names of their own."""

    schema: Mapping[str, Any]
    anchors: Mapping[str, Mapping[str, Any]]


def _loop(whole: _Whole, part: Mapping[str, Any], done: set[int]) -> str | None:
    """Go from part to part, as judging does; whoever is met again on the way was never left."""
    on_the_way: set[int] = set()
    steps: list[tuple[Mapping[str, Any], Iterator[tuple[str, Any]]]] = []

    def enter(each: Mapping[str, Any]) -> None:
        on_the_way.add(id(each))
        steps.append((each, _next(whole, each)))

    if id(part) not in done:
        enter(part)
    while steps:
        here, further = steps[-1]
        reference, there = next(further, ("", None))
        if there is None:
            steps.pop()
            on_the_way.discard(id(here))
            done.add(id(here))
        elif id(there) in on_the_way:
            return reference
        elif id(there) not in done:
            enter(there)
    return None


def _next(whole: _Whole, part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What judges the same value after a part, each with the reference that leads there."""
    for name in ("$ref", "$dynamicRef"):
        reference = part.get(name)
        if isinstance(reference, str) and isinstance(there := _referred(whole, reference), dict):
            yield reference, there
    for name in _ONE:
        if isinstance(part.get(name), dict):
            yield name, part[name]
    for name in _LISTS:
        each_of = part.get(name)
        for each in each_of if isinstance(each_of, list) else ():
            if isinstance(each, dict):
                yield name, each


def _referred(whole: _Whole, reference: str) -> object:
    """The part that a pointer or an anchor within the schema means; nothing where it is none. Source: RFC 6901."""
    found: Any = whole.schema
    own = whole.schema.get("$id")
    pointer = unquote(reference.removeprefix(own.partition("#")[0]) if isinstance(own, str) else reference)
    if pointer.startswith("#") and pointer[1:2] not in {"", "/"}:
        return whole.anchors.get(pointer[1:])
    if pointer not in {"", "#"} and not pointer.startswith("#/"):
        return None
    for name in pointer.split("/")[1:]:
        key = name.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, dict):
            found = found.get(key)
        else:
            return None
    return found


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All objects in a schema, itself first."""
    waiting: list[Any] = [schema]
    for _ in range(_MOST):
        if not waiting:
            return
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
