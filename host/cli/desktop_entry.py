"""``desktop-entry``: the program among those of the desktop, with its name and icon.

The entry is that of the Desktop Entry Specification, the places those of the Base Directory Specification.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from host.vocabulary.errors import HostError

_NAME: Final = "theseus"
_ENTRY: Final = """[Desktop Entry]
Type=Application
Version=1.0
Name=Theseus
GenericName=Host for Lua modules
Comment=Run Lua modules, and replace them while they run
Exec={command}
Icon=theseus
Terminal=false
Categories=Development;Debugger;
Keywords=lua;modules;plugins;reload;
StartupNotify=true
StartupWMClass=theseus
"""
_RESERVED: Final = frozenset(" \t\n\"'\\><~|&;$*?#()`")


def desktop_entry(options: argparse.Namespace) -> int:
    """Print the entry, or put it and the icon where desktops look, or take both away again."""
    text = entry(_command())
    if not (options.install or options.remove):
        print(text, end="")
        return 0
    if sys.platform in {"win32", "darwin"}:
        raise HostError("this system has no desktop entries; make a link to the program in its own way")
    for file, content in _files(text).items():
        try:
            _put(file, content) if options.install else file.unlink(missing_ok=True)
        except OSError as error:
            raise HostError(f"{file} cannot be changed ({error.strerror}); what was done before it stays") from error
        print(f"{'wrote' if options.install else 'removed'} {file}")
    return 0


def entry(command: list[str]) -> str:
    """The desktop entry that runs a command."""
    return _ENTRY.format(command=" ".join(map(quoted, command)))


def quoted(word: str) -> str:
    """A word as ``Exec`` has it: quoted where it has to be, its own escapes escaped again as a value of the file."""
    text = word.replace("%", "%%")
    if not set(text) & _RESERVED:
        return text
    escaped = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in text)
    return f'"{escaped}"'.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def _files(text: str) -> dict[Path, bytes]:
    """What lies where, of one user."""
    home = os.environ.get("XDG_DATA_HOME", "")
    shared = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share"
    icon = Path(__file__).parents[1] / "desktop" / "icons" / f"{_NAME}.svg"
    return {
        shared / "icons" / "hicolor" / "scalable" / "apps" / f"{_NAME}.svg": icon.read_bytes(),
        shared / "applications" / f"{_NAME}.desktop": text.encode(),
    }


def _put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_bytes(content)
    fresh.replace(file)


def _command() -> list[str]:
    """How this very program is started: its script beside the interpreter, else by the interpreter."""
    script = shutil.which(_NAME, path=str(Path(sys.executable).parent))
    return [script] if script else [sys.executable, "-m", "host"]
