"""Plain data as Lua would have it written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final

from host.vocabulary.views import PlainData

_WORD: Final = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_KEYWORDS: Final = re.compile(
    "and|break|do|else|elseif|end|false|for|function|goto|if|in|local|nil|not|or|repeat|return|then|true|until|while"
)
_ESCAPES: Final = {0x5C: "\\\\", 0x22: '\\"', 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}
_INDENT: Final = "    "


def literal(value: PlainData, depth: int = 0) -> str:
    """One expression that gives the value; tables have a line for each entry."""
    if isinstance(value, (list, dict)):
        lines = list(_entries(value, depth + 1))
        end = _INDENT * depth
        return "".join(("{\n", *lines, end, "}")) if lines else "{}"
    if isinstance(value, (str, bytes)):
        return _quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "0/0" if math.isnan(value) else "math.huge" if value > 0 else "-math.huge"
    if value is None or isinstance(value, bool):
        return {None: "nil", True: "true", False: "false"}[value]
    return repr(value)


def _entries(table: PlainData, depth: int) -> Iterator[str]:
    if isinstance(table, list):
        for value in table:
            yield f"{_INDENT * depth}{literal(value, depth)},\n"
        return
    for key, value in sorted(table.items(), key=lambda item: (isinstance(item[0], (str, bytes)), str(item[0]))):
        yield f"{_INDENT * depth}{_key(key)} = {literal(value, depth)},\n"


def _key(key: PlainData) -> str:
    if isinstance(key, str) and _WORD.match(key) and not _KEYWORDS.fullmatch(key):
        return key
    return f"[{literal(key)}]"


def _quoted(text: str | bytes) -> str:
    """A text between quotes; what is no plain character is written by its number."""
    if isinstance(text, str):
        body = "".join(_escaped(each) if ord(each) < 0x80 else each for each in text)
    else:
        body = "".join(_escaped(chr(each)) if each < 0x80 else f"\\{each}" for each in text)
    return f'"{body}"'


def _escaped(character: str) -> str:
    code = ord(character)
    if code in _ESCAPES:
        return _ESCAPES[code]
    return character if 0x20 <= code < 0x7F else f"\\{code:03d}"
