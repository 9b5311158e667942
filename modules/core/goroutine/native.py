"""Jobs on threads; ``face.lua`` asks for them in the runtime of each module."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from host.jobs.scopes import Scopes


def functions(_folder: Path) -> dict[str, Callable[..., Any]]:
    """Nothing that Lua finds in ``host.native``: all is asked through the face."""
    scopes = Scopes("goroutine")
    return {"face": scopes.answer, "close": scopes.close}
