"""Which files are code that nobody can read: of the machine, of Python, of Lua. No package holds any.

Modules are text. Nothing here would load such a file, but a program that is granted might, or who finds it later.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = re.compile(r"\.(?:so(?:\.[0-9]+)*|pyd|dll|dylib|exe|pyc|pyo|ljbc|luac)\Z", re.IGNORECASE)
_BEGINNINGS: Final = {
    b"\x7fELF": "a program or library of Linux",
    b"MZ": "a program or library of Windows",
    b"\xfe\xed\xfa\xce": "a program or library of macOS",
    b"\xfe\xed\xfa\xcf": "a program or library of macOS",
    b"\xce\xfa\xed\xfe": "a program or library of macOS",
    b"\xcf\xfa\xed\xfe": "a program or library of macOS",
    b"\xca\xfe\xba\xbe": "a program or library of macOS",
    b"\x1bLua": "compiled Lua",
    b"\x1bLJ": "compiled Lua",
    b"\x00asm": "a program for WebAssembly",
}
"""Source: elf(5), the PE format, ``mach-o/loader.h``, ``lundump.h``, ``lj_bcdump.h``, the WebAssembly specification."""
_PYTHON: Final = re.compile(rb"..\r\n[\0-\3]\0\0\0", re.DOTALL)
"""Its version, and flags. Source: PEP 552."""
_TEXT: Final = re.compile(rb"[\x09\x0a\x0d\x20-\x7e\x80-\xff]*\Z")


def compiled(path: str, data: bytes) -> str:
    """What kind of compiled code a file is; empty where it is none."""
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning) and not _TEXT.match(data[:64]):
            return kind
    if _PYTHON.match(data):
        return "compiled Python"
    return "by its name compiled code" if _NAMES.search(path) else ""
