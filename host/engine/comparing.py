"""What is different between two states, entry by entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff
from typing import Final

from host.engine.state_rows import entries, state_row
from host.runtime.faults import printable
from host.vocabulary.views import Difference, PlainData

MOST: Final = 200
"""Differences that are told; of those beyond, only the number is."""

MOST_LINES: Final = 2000
"""Lines of files that are told."""
LONGEST_FILE: Final = 5000
"""Lines of one that is compared."""

_WORD: Final = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_Key = tuple[bool, PlainData]
_Nothing: Final = object()


def differences(before: PlainData, after: PlainData) -> tuple[tuple[Difference, ...], int]:
    """Compare two values; a list is a table with the keys 1 to n.

    Returns:
        The first ``MOST``, each table's numbers before its words, and how many there are beyond them.
    """
    found: list[Difference] = []
    beyond = 0
    for difference in _walk(before, after):
        if len(found) < MOST:
            found.append(_told(*difference))
        else:
            beyond += 1
    return tuple(found), beyond


def same(before: PlainData, after: PlainData) -> bool:
    """Whether two values are equal all the way down; one that is no number is equal to itself."""
    return next(_walk(before, after), None) is None


def entries_by_key(table: PlainData) -> dict[_Key, PlainData]:
    """Entries by whether the key is a truth value, and the key; nothing of what is no table.

    ``1`` and ``true`` are two keys, though Python takes them for one.
    """
    return {(isinstance(key, bool), key): value for key, value in entries(table)}


def shown(value: object) -> str:
    """A value in a few words; nothing where there is none."""
    if value is _Nothing or value is None:
        return ""
    row = state_row("", value)
    return f'"{row.text}"' if row.kind == "string" else row.text


def unified(before: Mapping[str, bytes], after: Mapping[str, bytes], paths: Iterable[str]) -> str:
    """Compare files line by line.

    Args:
        before: bytes by path; one that is absent is new.
        after: the same; one that is absent is gone.
        paths: which of them.

    Returns:
        The unified form, its first ``MOST_LINES``, and a line that says where there are more.
    """
    lines = [line for path in paths for line in _lines_of(path, before.get(path), after.get(path))]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"... and {len(lines) - MOST_LINES:,} lines more"]
    return "\n".join(lines)


def _lines_of(path: str, old: bytes | None, new: bytes | None) -> Iterator[str]:
    earlier, later = _lines(old), _lines(new)
    if max(len(earlier), len(later)) > LONGEST_FILE:
        yield f"--- {path}: more than {LONGEST_FILE:,} lines, which are not compared"
        return
    names = (path if old is not None else "/dev/null", path if new is not None else "/dev/null")
    yield from unified_diff(earlier, later, *names, lineterm="")


def _lines(text: bytes | None) -> list[str]:
    """Lines as they are shown: without what moves a terminal's cursor."""
    return [printable(line) for line in (text or b"").decode("utf-8", "replace").expandtabs(4).split("\n")]


def _walk(before: PlainData, after: PlainData) -> Iterator[tuple[str, object, object]]:
    """Yield path and values of what differs; a stack of its own, for states nest as deep as they like."""
    pending: list[tuple[str, object, object]] = [("state", before, after)]
    while pending:
        path, old, new = pending.pop()
        if not (_is_table(old) and _is_table(new)):
            if not _same(old, new):
                yield path, old, new
            continue
        earlier, later = entries_by_key(old), entries_by_key(new)
        keys = list(dict.fromkeys((*earlier, *later)))
        pending += [(path + _step(key), earlier.get(key, _Nothing), later.get(key, _Nothing)) for key in reversed(keys)]


def _is_table(value: object) -> bool:
    return isinstance(value, list | Mapping)


def _same(old: object, new: object) -> bool:
    if isinstance(old, bool) != isinstance(new, bool):
        return False
    return old == new or (old != old and new != new)  # noqa: PLR0124 - NaN is not equal to itself


def _step(key: _Key) -> str:
    word = key[1]
    if isinstance(word, str) and _WORD.match(word):
        return f".{word}"
    return f"[{shown(word)}]"


def _told(path: str, old: object, new: object) -> Difference:
    return Difference(path=path, before=shown(old), after=shown(new))
