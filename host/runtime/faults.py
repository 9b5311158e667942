"""From what a guarded call reports to an error with facts."""

from __future__ import annotations

import re
from typing import Final

from host.vocabulary.errors import (
    DeadlineExceeded,
    MemoryExceeded,
    ModuleFault,
    ProcessEnded,
    RecursionExceeded,
    SizeExceeded,
)
from host.vocabulary.manifest import Limits
from host.vocabulary.payload import FaultRecord

CHAIN: Final = 10
"""How many times its own limit a call may take with all that it calls in other modules."""
SHORTEST_CHAIN: Final = 1.0
"""Seconds that a call has for that at least."""

_PLACE = re.compile(r"^(?P<file>[\w./() -]+\.(?:lua|otmod)):(?P<line>\d{1,9}): ")
_COMPILED: Final = "attempt to load chunk with wrong mode"
_NO_SOURCE: Final = "is compiled Lua, and modules are loaded as text; put the source in its place"
_UNPRINTABLE = re.compile("\0+")
_JOINERS: Final = "\u200c\u200d"
"""Neither printable nor harmful: scripts and pictures are written with them."""


def chain_limit(limits: Limits) -> float:
    """Seconds that what one call of a module sets in motion in others may take."""
    return max(SHORTEST_CHAIN, CHAIN * limits.call)


def printable(text: str) -> str:
    """One line of what can be seen: module text never becomes a terminal sequence, a line of its own, or turns one."""
    if text.isprintable():
        return text.strip()
    visible = "".join(each if each.isprintable() or each in _JOINERS else "\0" for each in text)
    return _UNPRINTABLE.sub(" ", visible).strip()


def fault_of(module: str, hook: str, limits: Limits, record: FaultRecord) -> ModuleFault:
    """Make the error that says what went wrong, where.

    Args:
        module: whose fault it is.
        hook: what was called: a hook's event, an export, ``init``, ``timer``.
        limits: of the module.
        record: kind, message, traceback, file, line, number of the value; bytes and numbers as Lua gave them.
    """
    kind, message, traceback, file, line, kept = (*record, None, None, None, None, None)[:6]
    hook = printable(hook)
    text = printable(_text(message)).replace(_COMPILED, _NO_SOURCE)
    path = printable(_text(file))
    place = _PLACE.match(text)
    if place and not path:
        path, line = place["file"], int(place["line"])
    path = path.removeprefix(f"{module}/")
    if not _is_inside(path):  # text of the module's, or of its process: its own files are the only ones that it has
        path, line = "", 0
    frames = "\n".join(printable(frame) for frame in _text(traceback).splitlines())
    number = int(line) if line else 0
    if kind == b"deadline":
        return DeadlineExceeded(module, hook, "over its time", frames, path, number, limit=limits.call)
    if kind == b"chain":
        limit = chain_limit(limits)
        return DeadlineExceeded(module, hook, "over its time", frames, path, number, limit=limit, chain=True)
    if kind in {b"depth", b"nesting"}:
        return RecursionExceeded(module, hook, text, frames, path, number, nested=kind == b"nesting")
    if kind == b"size":
        return SizeExceeded(module, hook, text, frames, path, number)
    if kind == b"memory":
        return MemoryExceeded(module, hook, "over its memory", frames, path, number, limit=limits.memory)
    if kind == b"ended":
        return ProcessEnded(module, hook, text)
    if kind == b"away":
        return ProcessEnded(module, hook, "its process had ended", earlier=True)
    return ModuleFault(module, hook, text, frames, path, number, kept=int(kept or 0))


def _is_inside(path: str) -> bool:
    """Whether a path stays below the folder that it is of."""
    return not path.startswith("/") and ".." not in path.split("/")


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
