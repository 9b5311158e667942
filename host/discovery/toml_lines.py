"""In which line each key of a TOML text stands; ``tomllib`` does not tell.

Reads only what ``tomllib`` has accepted, so it looks for the ends of things and never judges them. It runs only where a
fault was found, so it is made to be short, not fast.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

KeyPath = tuple[str, ...]

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_KEY_PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_STRING: Final = re.compile(
    r""""{3}(?:[^\\]|\\.)*?"{3,5}|'{3}.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'""",
    re.DOTALL,
)
_SCALAR: Final = re.compile(r"[^,\]}\n#]+")


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The 1-based line of each key and table header, by the path of names that leads to it.

    Of an array of tables, the path leads through the array's name alone, and the line is that of the first.
    """
    scan = _Scan(text.replace("\r\n", "\n"))
    # A refusal without a line is better than none, should tomllib take something that this module does not know.
    with suppress(_LostError, RecursionError):
        scan.document()
    return scan.lines


def nearest_line(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of a key, or of what holds it; 0 where nothing of it stands in the text."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 0)


class _LostError(Exception):
    """The text goes on in a way that the scan does not know."""


class _Scan:
    """One walk over a text; ``at`` is where it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self._next == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> KeyPath:
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        path = self._key(())
        self.at += brackets
        return path

    def _pair(self, table: KeyPath) -> None:
        path = self._key(table)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _key(self, table: KeyPath) -> KeyPath:
        path = table
        while True:
            self._skip(_SPACE)
            line = self.text.count("\n", 0, self.at) + 1
            path = (*path, _named(self._skip(_KEY_PART)))
            self.lines.setdefault(path, line)
            self._skip(_SPACE)
            if self._next != ".":
                return path
            self.at += 1

    def _value(self, path: KeyPath) -> None:
        match self._next:
            case "[":
                self._items(path, "]")
            case "{":
                self._items(path, "}")
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_SCALAR)

    def _items(self, path: KeyPath, end: str) -> None:
        self.at += 1
        self._skip(_BLANK)
        while self._next != end:
            if self._next == ",":
                self.at += 1
            elif end == "}":
                self._pair(path)
            else:
                self._value(path)
            self._skip(_BLANK)
        self.at += 1

    @property
    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _LostError
        self.at = match.end()
        return match[0]


def _named(part: str) -> str:
    """The name that a part of a key spells."""
    return str(tomllib.loads(f"name = {part}")["name"]) if part[0] in "\"'" else part
