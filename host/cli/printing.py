"""Text of files and modules on its way to a terminal."""

from __future__ import annotations

import shlex
from pathlib import Path


def one_line(text: str) -> str:
    """The text with all that would break the line, move the cursor or not encode written as Python escapes it."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def with_data(text: str, data: Path | None) -> str:
    """The text with the data folder that was named in each command that it offers."""
    return text if data is None else text.replace("theseus swap ", f"theseus swap --data {shlex.quote(str(data))} ")


def indented(text: str) -> str:
    """Several lines, those after the first indented, each as :func:`one_line` gives it."""
    return "\n    ".join(map(one_line, text.split("\n")))
