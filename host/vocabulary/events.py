"""What happened, in the past tense; the lines of ``run --events jsonl`` and of the window's Timeline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """The events that the engine tells; new kinds may be added, none changes its meaning."""

    READY = "ready"
    MODULE_FOUND = "module_found"
    MODULE_GONE = "module_gone"
    MODULE_LOADED = "module_loaded"
    MODULE_UNLOADED = "module_unloaded"
    MODULE_FAILED = "module_failed"
    MODULE_FAULT = "module_fault"
    MODULE_LEFT_OUT = "module_left_out"
    MODULE_QUARANTINED = "module_quarantined"
    MODULE_RESTARTED = "module_restarted"
    MODULE_RESUMED = "module_resumed"
    SWAP_COMMITTED = "swap_committed"
    SWAP_ROLLED_BACK = "swap_rolled_back"
    RELOAD_REFUSED = "reload_refused"
    ACCESS_CHANGED = "access_changed"
    BISECTION_CHANGED = "bisection_changed"
    PROBLEM_FOUND = "problem_found"
    PROBLEM_GONE = "problem_gone"
    ENGINE_DIED = "engine_died"
    STORAGE_FAILED = "storage_failed"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened.

    Attributes:
        event: its kind.
        at: seconds since the Unix epoch.
        revision: the engine's revision after it; grows by at least one with each event.
        module, version: whom it concerns; empty where it concerns the engine.
        text: one sentence for people.
        pause_s: for swaps, how long the module answered nobody; else ``None``.
        error: what went wrong as one sentence; empty where nothing did.
        reason: of a swap that was rolled back after it was done ``probation``; else empty.
        traceback: Lua frames, newest first, where there are any.
    """

    event: EventKind
    at: float
    revision: int
    module: str = ""
    version: str = ""
    text: str = ""
    pause_s: float | None = None
    error: str = ""
    reason: str = ""
    traceback: str = ""
