"""Which paths a package may hold: those that mean one and the same file on every system that the host may run on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST_PATH: Final = 200
"""Bytes; Windows has room for 260 with all that stands before it."""
LONGEST_NAME: Final = 100
DEEPEST: Final = 16

_FORBIDDEN: Final = re.compile(r'[<>:"|?*\\]')
_RESERVED: Final = re.compile(
    r"(?:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])\Z", re.IGNORECASE
)


def fault_of_path(path: str) -> str:
    """What is wrong with a path that has ``/`` between its names; empty where nothing is. Goes on where it stops."""
    if not path or path.startswith("/"):
        return "is no path below a folder"
    if not path.isprintable():
        return "has characters that cannot be shown"
    if unicodedata.normalize("NFC", path) != path:
        return "is not in Unicode's composed form (NFC)"
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "is no text"
    if size > LONGEST_PATH:
        return f"is longer than {LONGEST_PATH} bytes"
    parts = path.split("/")
    if len(parts) > DEEPEST:
        return f"lies more than {DEEPEST} folders deep"
    return next(filter(None, map(_fault_of_name, parts)), "")


def _fault_of_name(name: str) -> str:
    if name in {"", ".", ".."}:
        return "leads out of its folder, or nowhere"
    if found := _FORBIDDEN.search(name):
        return f"has {found[0]!r} in a name, which is no character of names everywhere"
    if name[0] in ". " or name[-1] in ". ":
        return "has a name that begins or ends with a dot or a space"
    if _RESERVED.match(name.partition(".")[0].rstrip(" ")):
        return f"has the name {name!r}, which Windows keeps for a device"
    return f"has a name of more than {LONGEST_NAME} bytes" if len(name.encode()) > LONGEST_NAME else ""


def collision(paths: Iterable[str]) -> tuple[str, str] | None:
    """Two paths that some system takes for one, or of which one is a folder of the other; ``None`` where none are."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for end in range(1, len(parts)):
            folder = "/".join(parts[:end])
            key = _folded(folder)
            if folders.setdefault(key, folder) != folder or key in files:
                return files.get(key, folders[key]), path
        key = _folded(path)
        if key in files or key in folders:
            return files.get(key, folders.get(key, "")), path
        files[key] = path
    return None


def _folded(path: str) -> str:
    """The same for all paths that a system may take for one: case, width and composition do not count."""
    folded = unicodedata.normalize("NFKC", path).casefold()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", folded).casefold())
