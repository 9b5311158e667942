"""Whether a window can open here at all; asked before anything of Qt is imported."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_WINDOWLESS: Final = frozenset({"offscreen", "minimal", "vnc"})
_SOCKETS: Final = Path("/tmp/.X11-unix")  # noqa: S108 - where X servers listen, on every system that has one
_BROKEN_BINDING: Final = "6.12.0"


def display_problem(environment: Mapping[str, str] = os.environ, sockets: Path = _SOCKETS) -> str | None:
    """Why no window can be shown, as one sentence; ``None`` where one can. ``sockets`` is where X servers listen."""
    platform = environment.get("QT_QPA_PLATFORM", "").split(":")[0]
    if sys.platform in {"win32", "darwin"} or platform in _WINDOWLESS:
        return None
    if environment.get("WAYLAND_DISPLAY"):
        return None
    display = environment.get("DISPLAY", "")
    if not display:
        return "no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    if not _answers(display, sockets):
        return f"no display (nothing answers on DISPLAY={display})"
    return _library_problem()


def _answers(display: str, sockets: Path) -> bool:
    """Whether an X server listens; one on another machine is taken at its word."""
    place, _, number = display.rpartition(":")
    if place not in {"", "unix"}:
        return True
    name = str(sockets / f"X{number.split('.')[0]}")
    for address in (name, f"\0{name}"):
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(address) == 0:
                return True
    return False


def _library_problem() -> str | None:
    """Qt ends the whole process where its X11 plugin cannot be loaded, so its rarest library is tried first."""
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return "a system library for windows is missing (on Debian: apt install libxcb-cursor0)"
    return None


def binding_problem(binding: str, python: tuple[int, ...] = sys.version_info[:2]) -> str | None:
    """Why this pair of Qt binding and Python must not run, as one sentence; ``None`` where it may.

    PySide6 6.12.0 loses a reference to ``None`` in every void call on Python before 3.12 and ends the
    interpreter within a minute (PYSIDE-3474).
    """
    if binding == _BROKEN_BINDING and python < (3, 12):
        spelled = ".".join(map(str, python[:2]))
        return (
            f"PySide6 {binding} ends Python {spelled} within a minute (PYSIDE-3474); "
            "install another version of PySide6-Essentials, or use Python 3.12 or newer"
        )
    return None
