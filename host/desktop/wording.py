"""Times, sizes and counts as people read them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86400.0
KIB: Final = 1024
MIB: Final = 1024 * 1024


def ago(seconds: float) -> str:
    """``now``, ``12 s ago``, ``3 min ago``, ``2 h ago``, ``5 d ago``."""
    if seconds < 1:
        return "now"
    if seconds < MINUTE:
        return f"{seconds:.0f} s ago"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min ago"
    if seconds < DAY:
        return f"{seconds / HOUR:.0f} h ago"
    return f"{seconds / DAY:.0f} d ago"


def size(count: float) -> str:
    """``512 B``, ``48 KB``, ``142 MB``."""
    if count < KIB:
        return f"{count:.0f} B"
    if count < MIB:
        return f"{count / KIB:.0f} KB"
    return f"{count / MIB:.1f} MB" if count < 10 * MIB else f"{count / MIB:.0f} MB"


def millis(value: float) -> str:
    """Milliseconds with as many digits as matter: ``0.04``, ``3.1``, ``120``."""
    if value == 0:
        return "0"
    if value < 1:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def grouped(count: int) -> str:
    """``12 480``: a thin grouping that reads the same everywhere."""
    return f"{count:,}".replace(",", "\u202f")


def pause(seconds: float | None) -> str:
    """How long a module answered nobody: ``34 ms``, ``0.4 ms``; empty where it was never paused."""
    return f"{millis(seconds * 1000)} ms" if seconds else ""


def spelled(path: Sequence[str | float | bool]) -> str:
    """A path into a state as Lua would have it: ``users.ana.tags[2]``."""
    words = "".join(
        f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{value_text(key)}]" for key in path
    )
    return words.removeprefix(".")


def value_text(value: str | float | bool) -> str:  # noqa: FBT001 - any value of a state
    """A value as Lua would have it."""
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def place_in(module: str, text: str) -> tuple[str, int] | None:
    """The first line of a module's own code that a text names (``chat/lib/rooms.lua:41``): its file, and its number."""
    found = re.search(rf"\b{re.escape(module)}/([\w./-]+\.lua):(\d+)", text)
    return (found[1], int(found[2])) if found else None


_NAME: Final = re.compile(r"\S*[_./:\d]\S*\s|\S+ \d")
"""Of a module with its version, or of a file."""


def sentence(text: str, name: str = "") -> str:
    """The same words with a capital in front and a full stop behind; nothing stays nothing, and a name as it is."""
    named = bool(name) and text.startswith(name)
    first = text[:1] if named or _NAME.match(text) else text[:1].upper()
    return f"{first}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""
