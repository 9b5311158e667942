"""Plain data as JSON and back, whole: what JSON has no word for is written as an object with one ``$`` key.

``{"$bytes": "base64"}`` is a string of bytes that is no UTF-8, ``{"$number": "nan" | "inf" | "-inf"}`` a number that
JSON has not, ``{"$pairs": [[key, value], ...]}`` a dictionary with keys that are not all text, or begin with ``$``.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final

from host.vocabulary.errors import NotData
from host.vocabulary.views import PlainData

DEEPEST: Final = 200
"""Levels of lists and dictionaries; far beyond any module's, and within what every JSON reader takes."""

_NUMBERS: Final = ("nan", "inf", "-inf")


def to_wire(value: PlainData, depth: int = 0) -> PlainData:
    """Make what JSON can say.

    Raises:
        NotData: there is something else in it, or it is nested too deep.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {"$number": str(value)}
        case bytes():
            return {"$bytes": b64encode(value).decode()}
    if depth == DEEPEST:
        raise NotData("the value", f"nested deeper than {DEEPEST} levels")
    match value:
        case list() | tuple():
            return [to_wire(item, depth + 1) for item in value]
        case Mapping():
            if all(isinstance(key, str) and not key.startswith("$") for key in value):
                return {key: to_wire(item, depth + 1) for key, item in value.items()}
            return {"$pairs": [[to_wire(key), to_wire(item, depth + 1)] for key, item in value.items()]}
    raise NotData("the value", f"or contains a {type(value).__name__}")


def from_wire(value: PlainData) -> PlainData:
    """Take back what ``to_wire`` made.

    Raises:
        NotData: an object with a ``$`` key that says nothing.
    """
    match value:
        case list():
            return [from_wire(item) for item in value]
        case {"$bytes": str(text), **rest} if not rest:
            return _bytes(text)
        case {"$number": str(word), **rest} if not rest and word in _NUMBERS:
            return float(word)
        case {"$pairs": list(pairs), **rest} if not rest:
            return dict(_pair(pair) for pair in pairs)
        case dict():
            return {key: from_wire(item) for key, item in value.items()}
    return value


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise NotData("$bytes", "no base64") from None


def _pair(pair: PlainData) -> tuple[PlainData, PlainData]:
    match pair:
        case [key, item]:
            revived = from_wire(key)
            if not isinstance(revived, list | dict):
                return revived, from_wire(item)
    raise NotData("$pairs", "no list of keys with their values")
