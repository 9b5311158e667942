"""Programs by name: the file that would run, found once, so that no shell and no other search path decides."""

from __future__ import annotations

import os
from pathlib import Path


def found(name: str) -> str | None:
    """The real path of a program, by its name on the search path or by a whole path; ``None`` where there is none.

    Entries of the search path that are not whole paths are passed over: they mean another folder every time.
    """
    if "\0" in name:
        return None
    if os.path.isabs(name):  # noqa: PTH117 - text, before it is a path of anything
        return _runs(name)
    if os.sep in name or name in {"", os.curdir, os.pardir}:
        return None
    folders = [each for each in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(each).is_absolute()]
    return next((real for each in folders if (real := _runs(os.path.join(each, name)))), None)  # noqa: PTH118 - as above


def _runs(path: str) -> str | None:
    real = os.path.realpath(path)
    return real if os.path.isfile(real) and os.access(real, os.X_OK) else None  # noqa: PTH113 - of any text it says no
