"""What is told of a save that was refused while a version of its module runs."""

from __future__ import annotations

from typing import Final

from host.vocabulary.errors import LoadFailed
from host.vocabulary.views import ProblemView, Severity

_OF_WHAT_RUNS: Final = frozenset({"pause", "snapshot"})
"""Steps that fail by the code that runs, whatever was saved."""
_MEND: Final = "Mend the file and save it again; the last good code runs meanwhile."
_STUCK: Final = "Reload it; if it is refused again, unload it and load it, which brings its last checkpoint back."


def refused_save(module: str, version: str, reason: str, unwell: str = "") -> str:
    """The sentence for it; ``unwell``: how what runs goes on, where not as it was."""
    goes_on = unwell or f"{module} {version} runs on with its state"
    return f"the newest save of {module} was refused: {reason}; {goes_on}"


def reload_problem(module: str, text: str, where: LoadFailed | None, step: str = "") -> ProblemView:
    """The problem of it, which goes with the next good one; a line is named only where the save is at fault."""
    stuck = step in _OF_WHAT_RUNS
    place = None if stuck else where
    return ProblemView(
        id=f"reload:{module}",
        severity=Severity.ERROR,
        message=text,
        module=module,
        file=place.file if place else "",
        line=place.line if place else 0,
        remedy=_STUCK if stuck else _MEND,
        action="reload",
    )
