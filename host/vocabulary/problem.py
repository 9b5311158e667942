"""A fault that can be shown: what is wrong, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in one file.

    Attributes:
        key: the dotted key of a manifest (``dependencies.state``), or the name of the file where no key is at fault.
        message: one sentence, without a final stop.
        file: the file at fault.
        line: 1-based, or 0 where no line can be named.
    """

    key: str
    message: str
    file: Path
    line: int = 0

    @property
    def where(self) -> str:
        """``init.lua:41``, or the file's name alone where no line is known."""
        return f"{self.file.name}:{self.line}" if self.line else self.file.name

    @property
    def sentence(self) -> str:
        """As ``str``, with the whole path of the file."""
        return str(self.file.parent / str(self))

    @property
    def said(self) -> str:
        """The message, after the key where that says more than the file."""
        return f"{self.key}: {self.message}" if self.key and self.key != self.file.name else self.message

    def __str__(self) -> str:
        return f"{self.where}: {self.said}"
