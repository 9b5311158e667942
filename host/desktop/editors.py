"""Opening a file where it is edited: in the user's editor at a line, else in whatever the system opens it with."""

from __future__ import annotations

import os
import shlex
from pathlib import Path, PurePath
from typing import Final

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

_AT_LINE: Final = {
    "code": ("-g", "{file}:{line}"),
    "codium": ("-g", "{file}:{line}"),
    "emacs": ("+{line}", "{file}"),
    "emacsclient": ("-n", "+{line}", "{file}"),
    "gedit": ("{file}", "+{line}"),
    "gvim": ("+{line}", "{file}"),
    "kate": ("-l", "{line}", "{file}"),
    "subl": ("{file}:{line}",),
    "zed": ("{file}:{line}",),
}
"""How editors with a window of their own are told a line; one in a terminal has none to show itself in."""


def command(editor: str, file: Path, line: int) -> list[str] | None:
    """The command that opens a file, as a user's ``VISUAL`` names the editor; ``None`` for one that is not known."""
    try:
        program, *options = shlex.split(editor)
    except ValueError:
        return None
    known = _AT_LINE.get(PurePath(program).stem)
    return [program, *options, *(each.format(file=file, line=line) for each in known)] if known else None


def open_in_editor(file: Path, line: int) -> bool:
    """Open a file; false where nothing did."""
    for variable in ("VISUAL", "EDITOR"):
        found = command(os.environ[variable], file, line) if os.environ.get(variable) else None
        if found is not None and QProcess.startDetached(found[0], found[1:])[0]:
            return True
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))
