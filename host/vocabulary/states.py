"""The states of a module's life and the phases in which its Lua is entered."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class Status(StrEnum):
    """Where a module stands: ``found -> loading -> active <-> swapping``, or ``failed``, or ``unloaded`` at the end.

    ``quarantined`` is one with too many faults: its hooks and timers are off until it is resumed or swapped. ``paused``
    is what was replaced and may come back, which no view shows.
    """

    FOUND = "found"
    LOADING = "loading"
    ACTIVE = "active"
    PAUSED = "paused"
    SWAPPING = "swapping"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    UNLOADED = "unloaded"


RUNNING: Final = frozenset({Status.ACTIVE, Status.PAUSED, Status.SWAPPING, Status.QUARANTINED})
"""States in which an instance of the module is there."""


class SearchStep(StrEnum):
    """What is said in a search for bad modules: ``bad`` and ``good`` answer, ``back`` takes the last answer back."""

    BEGIN = "begin"
    BAD = "bad"
    GOOD = "good"
    BACK = "back"
    END = "end"


class Health(StrEnum):
    """How a module says that it is; what it works with may be away though it runs."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class Phase(IntEnum):
    """Why a module's Lua is entered; what the crash marker holds beside the module."""

    REST = 0
    ENTRY = 1
    INIT = 2
    HOOK = 3
    TIMER = 4
    EXPORT = 5
    GET_STATE = 6
    SET_STATE = 7
    MIGRATE = 8
    VALIDATE = 9
    CONFIGURE = 10
    CLEANUP = 11
    PAUSE = 12
    RESUME = 13
    HEALTH = 14
    EXECUTE = 15
    TASK = 16
    CONSOLE = 17
    PANEL = 18
    JOB = 19

    @property
    def words(self) -> str:
        """How the phase is called in a sentence: ``in init``."""
        return _WORDS[self]


_WORDS = {
    Phase.REST: "at rest",
    Phase.ENTRY: "running its entry file",
    Phase.INIT: "in init",
    Phase.HOOK: "in a hook handler",
    Phase.TIMER: "in a timer",
    Phase.EXPORT: "in an export",
    Phase.GET_STATE: "in getState",
    Phase.SET_STATE: "in setState",
    Phase.MIGRATE: "in migrate",
    Phase.VALIDATE: "in validate",
    Phase.CONFIGURE: "in configure",
    Phase.CLEANUP: "in cleanup",
    Phase.PAUSE: "in pause",
    Phase.RESUME: "in resume",
    Phase.HEALTH: "in health",
    Phase.EXECUTE: "in execute",
    Phase.TASK: "in a task",
    Phase.CONSOLE: "in the console",
    Phase.PANEL: "in a handler of its panel",
    Phase.JOB: "running a job",
}


class Outcome(StrEnum):
    """How a swap ended; ``under_way`` stands in the history alone, while it has not."""

    UNDER_WAY = "under_way"
    COMMITTED = "committed"
    ROLLED_BACK = "rolled_back"
