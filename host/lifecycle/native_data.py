"""Values between Lua and text formats, as the native parts of core modules share them."""

from __future__ import annotations

import math
from typing import Any, Final

from host.vocabulary.payload import LARGEST_INT

EMPTY_ARRAY: Final = {0: "[]"}
"""What stands for an empty list: an empty table is an empty object."""

NULL: Final = {0: "null"}
"""What stands for a null that is kept: one that is not is an absent key, or a gap in a list."""

Data = Any
"""What crosses: None, bool, int, float, str, bytes, and lists and dictionaries of these."""


class NotSayableError(ValueError):
    """A text format has no words for a value."""


def plain(value: Data, null: Data = None) -> Data:
    """A parsed value as Lua can have it: large whole numbers and dates as text, an empty list marked.

    Args:
        value: as it was parsed.
        null: what comes in place of each null.

    Raises:
        ValueError: two keys of one table are the same to Lua.
    """
    if isinstance(value, dict):
        found = {_key_of(key): plain(each, null) for key, each in value.items()}
        if len(found) < len(value):
            raise ValueError("two keys of one table are written alike")
        return found
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each, null) for each in value] or EMPTY_ARRAY
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_INT:
        return str(value)
    if value is None:
        return null
    if isinstance(value, bool | int | float | str | bytes):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def sayable(value: Data) -> Data:
    """A value of Lua's as text formats have it; a list with gaps is one where at least half of it is there.

    Raises:
        NotSayableError: it holds bytes that are no text.
    """
    if isinstance(value, bytes):
        raise NotSayableError("it holds bytes that are no UTF-8; use base64_encode")
    if isinstance(value, list):
        return [sayable(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and 0 in value:
        return [] if value == EMPTY_ARRAY else None if value == NULL else {0: sayable(value[0])}
    if value and all(type(key) is int and 0 < key <= 2 * len(value) for key in value):
        return [sayable(value.get(place)) for place in range(1, max(value) + 1)]
    return {sayable(key): sayable(each) for key, each in value.items()}


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
