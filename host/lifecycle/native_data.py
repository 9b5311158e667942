"""Values between Lua and text formats, as the native parts of core modules share them."""

from __future__ import annotations

import math
from typing import Any, Final

from host.vocabulary.payload import LARGEST_INT

EMPTY_ARRAY: Final = {0: "[]"}
"""What stands for an empty list: an empty table is an empty object."""

Data = Any
"""What crosses: None, bool, int, float, str, bytes, and lists and dictionaries of these."""


def plain(value: Data) -> Data:
    """A parsed value as Lua can have it: large whole numbers and dates as text, an empty list marked."""
    if isinstance(value, dict):
        return {_key_of(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value] or EMPTY_ARRAY
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_INT:
        return str(value)
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def sayable(value: Data) -> Data:
    """A value of Lua's as text formats have it.

    Raises:
        TypeError: it holds bytes that are no text.
    """
    if isinstance(value, bytes):
        raise TypeError("it holds bytes that are no UTF-8; use base64_encode")
    if isinstance(value, list):
        return [sayable(each) for each in value]
    if value == EMPTY_ARRAY and isinstance(value, dict):
        return []
    if isinstance(value, dict):
        return {sayable(key): sayable(each) for key, each in value.items()}
    return value


def lenient(value: Data) -> Data:
    """The same, of what has to be written whatever it is: bytes and numbers that are none as text, text as keys."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, list):
        return [lenient(each) for each in value]
    if isinstance(value, dict):
        return {str(lenient(key)): lenient(each) for key, each in value.items()}
    return value


def _key_of(key: Data) -> Data:
    if isinstance(key, bool) or not isinstance(key, str | int | float | bytes):
        return "null" if key is None else str(key).lower() if isinstance(key, bool) else str(key)
    return key
