"""What can be seen of a running host: frozen pictures, made on request, alike for Python, command line and window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from host.vocabulary.events import Event
from host.vocabulary.states import Health, Outcome, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """One version found on disk."""

    version: str
    path: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleView:
    """One module as it stands.

    Attributes:
        version: the version that runs, or the newest found where none does.
        status: its state; ``reason`` says why in one sentence, ``next_step`` what the user can do.
        truth: the truth line: what runs now, since when, and why not the newest.
        since: seconds since the Unix epoch of the last change of state.
        versions: all versions found, newest first.
        needs, needed_by: names of active modules; of a module that does not run, what its manifest asks for.
        rollback_to: what ``rollback`` leads to (``1.0.0``, or ``2.1.0 of 14:02:31``), empty where there is nothing.
        hooks, timers, exports: how many are registered.
        calls, faults: since it was loaded.
        ms_per_s: milliseconds of Lua a second, an estimate from samples of the last seconds.
        memory: bytes of its runtime.
        health: what the module says of itself; ``None`` where it says nothing. ``health_detail`` says more, one line.
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
    rollback_to: str = ""
    hooks: int = 0
    timers: int = 0
    exports: int = 0
    calls: int = 0
    faults: int = 0
    ms_per_s: float = 0.0
    memory: int = 0
    health: Health | None = None
    health_detail: str = ""


class Severity(StrEnum):
    """How much a problem matters."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView:
    """One problem that stands now; it goes by itself when its cause does.

    Attributes:
        id: stable while the problem stands (``manifest:/path``, ``reload:advanced_chat``).
        file, line: where; ``file`` is absolute or empty, ``line`` 0 where unknown.
        remedy: what the user can do, one sentence.
        action: a protocol method that mends it (``rollback``, ``load``, ...) for ``module``; empty where none does.
    """

    id: str
    severity: Severity
    message: str
    module: str = ""
    file: str = ""
    line: int = 0
    remedy: str = ""
    action: str = ""
    since: float = 0.0
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line that a module or the host wrote; text has neither control characters nor line breaks of its own."""

    revision: int
    at: float
    level: str
    module: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchView:
    """Whether what runs is what lies on disk."""

    watching: bool
    folders: tuple[str, ...] = ()
    in_step: bool = True
    last_change: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineView:
    """The engine itself: process id, start (Unix seconds), bytes resident, and what the last run died of, if it did."""

    pid: int
    started: float
    version: str
    data: str
    memory: int
    lua_ms_per_s: float
    watch: WatchView
    last_death: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The whole host at one revision."""

    revision: int
    engine: EngineView
    modules: Mapping[str, ModuleView]
    problems: tuple[ProblemView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is different since a revision.

    Attributes:
        revision: ask with this one next time.
        complete: true where ``since`` was too old or 0: ``modules`` is then all there is.
        modules: those that changed, whole; ``gone``: names no longer known.
        problems: all that stand now, or ``None`` where they did not change.
        events, log: those newer than ``since``, oldest first, at most the newest 10,000.
    """

    revision: int
    complete: bool
    engine: EngineView
    modules: tuple[ModuleView, ...] = ()
    gone: tuple[str, ...] = ()
    problems: tuple[ProblemView, ...] | None = None
    events: tuple[Event, ...] = ()
    log: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One entry of a table in a module's state.

    Attributes:
        key: the entry's key: text, number or boolean.
        kind: ``table``, ``string``, ``number``, ``boolean`` or ``bytes``.
        text: the value, clipped at 256 characters; of a table, its number of entries in words.
        children: how many entries it has; 0 for all but tables.
    """

    key: str | int | float | bool
    kind: str
    text: str
    children: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePage:
    """A part of one table of a module's state.

    Attributes:
        digest: changes when the state does.
        total: entries of the table.
        message: why there is nothing to show, one sentence; empty where there is.
    """

    digest: str
    total: int
    rows: tuple[StateRow, ...]
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """One registered thing: ``kind`` is ``hook``, ``timer`` or ``export``; times in milliseconds."""

    kind: str
    name: str
    detail: str = ""
    calls: int = 0
    faults: int = 0
    mean_ms: float = 0.0
    p95_ms: float = 0.0
    last_fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One swap, load or roll-back of a module, newest first in a list.

    Attributes:
        id: grows.
        kind: ``load``, ``swap``, ``reload``, ``rollback`` or ``unload``.
        from_version: empty for a load and an unload.
        files: names of the files that changed.
        state: how much of the state before it is kept, in words; empty where nothing is.
        reachable: whether ``rollback`` can bring back what ran after it: other code than now, and kept.
    """

    id: int
    at: float
    kind: str
    from_version: str
    to_version: str
    outcome: Outcome
    pause_s: float | None = None
    error: str = ""
    files: tuple[str, ...] = ()
    state: str = ""
    reachable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One entry of a state that is different: ``state.users[3].name``; a value is empty where there is none."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is different between what ran after one act on a module, and after another, as each was last.

    Attributes:
        earlier, later: ids of the acts; ``later`` is ``None`` for now.
        files: names of the files that differ.
        differences: of the states, the first 200.
        beyond: how many more there are.
        message: why the states are not compared, one sentence; empty where they are.
    """

    module: str
    earlier: int
    later: int | None
    from_version: str
    to_version: str
    files: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    beyond: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapStep:
    """One step of a swap that ended, with its duration in seconds and, where it failed, why."""

    name: str
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapReport:
    """What a swap did to a module.

    Attributes:
        pause_s: how long the module answered nobody, seconds; 0.0 where it was never paused. Modules that change
            together have one pause.
        failed_step: the step that refused, of whichever module; empty where it committed.
        kept, changed, dropped, added: top-level keys of the state, before against after.
        delivered: events that waited and were delivered afterwards.
        notes: what else is worth knowing, a sentence each.
        further: where others refused it, the versions of these with which it would be legal, by name.
        others: the reports of those that changed together with it, in load order, or were all taken back with it.
    """

    module: str
    from_version: str
    to_version: str
    outcome: Outcome
    steps: tuple[SwapStep, ...]
    pause_s: float = 0.0
    failed_step: str = ""
    error: str = ""
    kept: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    delivered: int = 0
    hooks_gained: tuple[str, ...] = ()
    hooks_lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)
    others: tuple[SwapReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a swap would do to a module; nothing was changed.

    Attributes:
        steps: up to where it would count, or be refused.
        seconds: what they took.
        memory, memory_before: bytes of the new runtime, and of the one that runs.
        failed_step: the step that would refuse this module; empty where none would.
        error: why, one sentence.
        kept, changed, dropped, added: top-level keys of the state, before against after.
        differences: of the states, the first 200; ``beyond``: how many more there are.
        permissions_gained, permissions_lost: what the manifests ask for, as ``net api.example.com:443``.
        effects: what was asked of others and not done, as ``emit added`` or ``call log.write (3 times)``.
        notes: what else is worth knowing, a sentence each.
        further: where others refuse it, the versions of these with which it would be legal, by name.
        others: the rehearsals of those that would change together with it.
    """

    module: str
    from_version: str
    to_version: str
    steps: tuple[SwapStep, ...] = ()
    seconds: float = 0.0
    memory: int = 0
    memory_before: int = 0
    failed_step: str = ""
    error: str = ""
    kept: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    beyond: int = 0
    hooks_gained: tuple[str, ...] = ()
    hooks_lost: tuple[str, ...] = ()
    permissions_gained: tuple[str, ...] = ()
    permissions_lost: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Rehearsal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One module version of a plan, dependencies first.

    Attributes:
        replaces: the version that runs and is swapped for this one; empty where none is.
    """

    name: str
    version: str
    tier: str
    path: str
    replaces: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.replaces} -> {self.version}" if self.replaces else f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Versions chosen, in load order; ``warnings`` are order wishes that had to give way."""

    order: tuple[PlanStep, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmitResult:
    """How many handlers an event reached, and a sentence for each that failed."""

    delivered: int
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One file of a module as it runs; ``files`` are all that can be asked for, by path within the module."""

    file: str
    text: str
    files: tuple[str, ...]
    version: str


PlainData = Any
"""None, bool, int, float, str, bytes, and lists and dictionaries of these."""
