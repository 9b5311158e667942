"""Values on their way between a module's Lua and Python, as those see them who hand them on without a look inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

LARGEST_INT: Final = 1 << 53
"""The largest whole number that crosses: up to it, a number of Lua holds each exactly."""
DEPTH: Final = 100
"""Tables in tables that cross, as LuaJIT has it (LJ_SERIALIZE_DEPTH)."""
MOST_ENTRIES: Final = 1_000_000
"""In all tables of a value that crosses."""
MOST_BYTES: Final = 64 << 20
"""Of a value that crosses, encoded."""

Shape: TypeAlias = int | None
"""How a payload is to be read; ``None`` where it is the value itself. ``runtime.crossing.Crossing`` has the rest."""

Payload: TypeAlias = bytes | float | bool | None
"""A plain value, or the bytes of several."""

Names: TypeAlias = tuple[str, ...]
"""The names of a table's fields, in order."""


class Fields(NamedTuple):
    """A small table without tables in it, which a runtime makes of its fields faster than of bytes.

    Attributes:
        names: of the fields; tables with the same are of one form.
        values: plain, in the order of the names.
        packed: gives shape and payload of the same table.
    """

    names: Names
    values: tuple[Payload, ...]
    packed: Callable[[], tuple[Shape, Payload]]


FaultRecord: TypeAlias = tuple[Any, ...]
"""What a guarded call gives where it failed: kind, message, traceback, file, line; the value's number if it is kept."""
