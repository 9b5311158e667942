"""Text of files and modules on its way to a terminal."""

from __future__ import annotations


def one_line(text: str) -> str:
    """The text with all that would break the line, move the cursor or not encode written as Python escapes it."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def indented(text: str) -> str:
    """Several lines, those after the first indented, each as :func:`one_line` gives it."""
    return "\n    ".join(map(one_line, text.split("\n")))
