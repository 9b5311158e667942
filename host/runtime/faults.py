"""From what a guarded call reports to an error with facts."""

from __future__ import annotations

import re

from host.runtime.crossing import FaultRecord
from host.vocabulary.errors import DeadlineExceeded, MemoryExceeded, ModuleFault
from host.vocabulary.manifest import Limits

_PLACE = re.compile(r"^(?P<file>[\w./() -]+\.lua):(?P<line>\d+): ")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\x85\xa0-\U0010ffff]+")


def printable(text: str) -> str:
    """One line without control characters: module text never becomes a terminal sequence or a line of its own."""
    return _UNPRINTABLE.sub(" ", text).replace("\x85", " ").strip()


def fault_of(module: str, hook: str, limits: Limits, record: FaultRecord) -> ModuleFault:
    """Make the error that says what went wrong, where.

    Args:
        hook: what was called: a hook's event, an export, ``init``, ``timer``.
        record: kind, message, traceback, file, line; bytes and numbers as Lua gave them.
    """
    kind, message, traceback, file, line = (*record, None, None, None, None)[:5]
    text = printable(_text(message))
    path = _text(file)
    place = _PLACE.match(text)
    if place and not path:
        path, line = place["file"], int(place["line"])
    path = path.removeprefix(f"{module}/")
    frames = "\n".join(printable(frame) for frame in _text(traceback).splitlines())
    number = int(line) if line else 0
    if kind == b"deadline":
        return DeadlineExceeded(module, hook, "over its time", frames, path, number, limit=limits.call)
    if kind == b"memory":
        return MemoryExceeded(module, hook, "over its memory", frames, path, number, limit=limits.memory)
    return ModuleFault(module, hook, text, frames, path, number)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
