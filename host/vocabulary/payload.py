"""Values on their way between a module's Lua and Python, as those see them who hand them on without a look inside."""

from __future__ import annotations

from typing import Any, TypeAlias

Shape: TypeAlias = int | None
"""How a payload is to be read; ``None`` where it is the value itself. ``runtime.crossing.Crossing`` has the rest."""

Payload: TypeAlias = bytes | float | bool | None
"""A plain value, or the bytes of several."""

FaultRecord: TypeAlias = tuple[Any, ...]
"""What a guarded call gives where it failed: kind, message, traceback, file, line."""
