"""Looks at the arguments of native functions that Lua calls without a Lua function between, and says what is wrong."""

from __future__ import annotations

from typing import Any

from host.runtime.codec import apart, encode
from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError

NIL = encode(None)


def parts_of(argument: Crossing, count: int) -> list[bytes]:
    """The bytes of so many values each; of those that are absent, of nothing.

    Raises:
        HostError: a function is among them.
    """
    shape, payload = argument
    if shape is None:
        parts = [encode(payload)]
    elif shape < 0 or not isinstance(payload, bytes):
        raise HostError("the value is a function, or holds one, and functions cannot be kept")
    else:
        parts = apart(payload, shape)
    return [*parts[:count], *[NIL] * (count - len(parts))]


def bad(position: int, where: str, expected: str, value: Any = None) -> HostError:  # noqa: ANN401 - as Lua gave it
    """The error for an argument of another kind than was expected, as Lua words it."""
    return HostError(f"bad argument #{position} to '{where}' ({expected} expected, got {kind_of(value)})")


def refused(position: int, where: str, expected: str) -> HostError:
    """The error for an argument of the right kind and the wrong value."""
    return HostError(f"bad argument #{position} to '{where}' ({expected} expected)")


def kind_of(value: Any) -> str:  # noqa: ANN401 - the same
    """What Lua calls the type of a value."""
    match value:
        case None:
            return "nil"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str() | bytes():
            return "string"
    return "table"


def text(value: Any, position: int, where: str) -> bytes:  # noqa: ANN401 - the same
    """Bytes of a text.

    Raises:
        HostError: it is none.
    """
    if not isinstance(value, str | bytes):
        raise bad(position, where, "string", value)
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


def number(value: Any, position: int, where: str, what: str = "number") -> float:  # noqa: ANN401 - the same
    """A number, which may be none of a size.

    Raises:
        HostError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad(position, where, what, value)
    return value
