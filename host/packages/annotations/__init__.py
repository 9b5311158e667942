"""What an editor is told of a module's surroundings: annotations for lua-language-server, and where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

FILE: Final = ".luarc.json"
_ABSENT: Final = ("debug", "ffi", "io", "jit", "os", "package", "string.buffer", "table.clear", "table.new", "utf8")
"""Libraries that a module has not, or only in part: the part is in the annotations."""


def folder() -> Path:
    """The folder of the annotations."""
    return Path(__file__).resolve().parent


def settings() -> str:
    """The settings of lua-language-server for a folder of modules: which Lua that is, and where its host is described.

    Source: https://luals.github.io/wiki/settings/.
    """
    rows = {
        "runtime.version": "LuaJIT",
        "runtime.builtin": dict.fromkeys(_ABSENT, "disable"),
        "workspace.library": [str(folder())],
        "workspace.checkThirdParty": False,
    }
    return json.dumps(rows, indent=4, ensure_ascii=False) + "\n"


def describe(root: Path) -> bool:
    """Write them into a folder of modules, where there are none; whether they were written.

    Raises:
        OSError: they could not be; nothing of them is left.
    """
    place = root / FILE
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(settings())
    except FileExistsError:
        return False
    except OSError:
        place.unlink(missing_ok=True)
        raise
    return True
