"""What became of a swap, and what would become of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from host.vocabulary.states import Outcome
from host.vocabulary.views.history import Difference


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
        not_granted: what the new version asks for and may not do, as ``net api.example.com:443``.
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
    not_granted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)
    others: tuple[SwapReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file that a swap would bring, drop or change.

    Attributes:
        path: below the module's folder, with ``/``.
        change: ``added``, ``removed`` or ``changed``.
        lines_added, lines_removed: lines that only the new one has, and only the old one; a line that moved is neither.
    """

    path: str
    change: str
    lines_added: int = 0
    lines_removed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentFit:
    """A loaded module that needs another, by which range, and whether a version of that is within it.

    Attributes:
        version: as it runs, or as it would after the same swap.
        range: as its manifest writes it (``^1.0``).
        optional: whether it does without, too; it does not do with another version.
    """

    module: str
    version: str
    range: str
    fits: bool
    optional: bool = False


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
        not_granted: what the new version asks for and may not do, in the same words.
        files: of Lua that differ, by path.
        dependents: loaded modules that need this one, and whether they take the new version.
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
    not_granted: tuple[str, ...] = ()
    files: tuple[FileChange, ...] = ()
    dependents: tuple[DependentFit, ...] = ()
    effects: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Rehearsal, ...] = ()
