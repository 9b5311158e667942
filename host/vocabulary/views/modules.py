"""What can be seen of one module: as it stands, what it has registered, its files."""

from __future__ import annotations

from msgspec import Struct

from host.vocabulary.states import Health, Status
from host.vocabulary.views.access import AccessRow
from host.vocabulary.views.panels import PanelBrief


class VersionView(Struct, frozen=True, kw_only=True):
    """One version found on disk."""

    version: str
    path: str
    problems: tuple[str, ...] = ()


class ModuleView(Struct, frozen=True, kw_only=True):
    """One module as it stands.

    Attributes:
        version: the version that runs, or the newest found where none does.
        status: its state; ``reason`` says why in one sentence, ``next_step`` what the user can do.
        truth: the truth line: what runs now, since when, and why not the newest.
        since: seconds since the Unix epoch of the last change of state.
        versions: all versions found, newest first.
        needs, needed_by: names of active modules; of a module that does not run, what its manifest asks for.
        unsaved: paths of the files that run with texts which are not on disk.
        rollback_to: what ``rollback`` leads to (``1.0.0``, or ``2.1.0 of 14:02:31``), empty where there is nothing.
        hooks, timers, exports: how many are registered; tasks: coroutines that wait, or are about to run.
        calls, faults: since it was loaded.
        ms_per_s: milliseconds of Lua a second, an estimate from samples of the last seconds.
        memory: bytes of its runtime.
        memory_beside: bytes of its jobs, and of what waits in their channels and queues.
        order: its place in the load order; 0 where it does not run.
        locked: the version at which the user locked it; empty where at none.
        watched: whether what is saved of it runs by itself; of one that does not run, false.
        isolated: whether it runs in a process of its own; ``pid`` is the number of that, else 0.
        process_memory: bytes of that process, of what it shares its part; 0 where it has none.
        limited: how often it met a limit of any kind since it was loaded.
        health: what the module says of itself; ``None`` where it says nothing. ``health_detail`` says more, one line.
        access: what it asks for, in the order of its manifest, then what it did without asking.
        panels: those that it shows, oldest first; the method ``panels`` has what is in them.
    """

    name: str
    tier: str
    version: str
    status: Status
    reason: str = ""
    next_step: str = ""
    truth: str = ""
    since: float = 0.0
    summary: str = ""
    path: str = ""
    versions: tuple[VersionView, ...] = ()
    needs: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    autoload: bool = False
    reloadable: bool = True
    unsaved: tuple[str, ...] = ()
    rollback_to: str = ""
    hooks: int = 0
    timers: int = 0
    tasks: int = 0
    exports: int = 0
    calls: int = 0
    faults: int = 0
    ms_per_s: float = 0.0
    memory: int = 0
    memory_beside: int = 0
    order: int = 0
    locked: str = ""
    watched: bool = False
    isolated: bool = False
    pid: int = 0
    process_memory: int = 0
    limited: int = 0
    health: Health | None = None
    health_detail: str = ""
    access: tuple[AccessRow, ...] = ()
    panels: tuple[PanelBrief, ...] = ()


class ActivityRow(Struct, frozen=True, kw_only=True):
    """One registered thing; times in milliseconds.

    Attributes:
        kind: ``hook``, ``timer``, ``task``, ``panel`` or ``export``; ``pool`` for jobs beside the module, whose calls
            are jobs that ended; ``process`` for one of its own.
        id: by which ``fire``, ``mute`` and ``cancel`` know it; of this version of the module alone.
        muted: whether somebody switched it off.
        last_caller: the module that called it last, ``the host`` where none did; noted for hooks and exports from the
            first question on, until 5 seconds after the last one.
        last_called: when, seconds since the Unix epoch; 0.0 where that is not noted.
    """

    kind: str
    name: str
    detail: str = ""
    id: str = ""
    muted: bool = False
    calls: int = 0
    faults: int = 0
    mean_ms: float = 0.0
    p95_ms: float = 0.0
    last_fault: str = ""
    last_caller: str = ""
    last_called: float = 0.0


class LimitView(Struct, frozen=True, kw_only=True):
    """One limit of a running module.

    Attributes:
        name: the key under ``[limits]`` in the manifest; ``recursion``, ``nesting``, ``hooks``, ``exports``, and of its
            jobs ``jobs`` and ``channels``, stand in none.
        unit: ``bytes``, ``s``, ``/s``, ``entries`` or ``levels``; of ``most`` and ``used``.
        most: what it may use; 0.0 where no number says so.
        used: what it uses now; of a rate what it used of the last second, of ``call`` the longest of the last calls.
        hits: how often it was met since the module was loaded.
    """

    name: str
    unit: str
    most: float
    used: float = 0.0
    hits: int = 0


class SourceView(Struct, frozen=True, kw_only=True):
    """One file of a module as it runs; ``files`` are all that can be asked for, by path within the module."""

    file: str
    text: str
    files: tuple[str, ...]
    version: str
