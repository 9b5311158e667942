"""What became of a swap, and what would become of one."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from host.vocabulary.states import Outcome
from host.vocabulary.views.history import Difference


class SwapStep(Struct, frozen=True, kw_only=True):
    """One step of a swap that ended, with its duration in seconds and, where it failed, why."""

    name: str
    seconds: float
    error: str = ""


class Replacement(Struct, frozen=True, kw_only=True):
    """One version of a module in place of another, as it was done or would be.

    Attributes:
        steps: up to where it counts, or was refused.
        failed_step: the step that refused; empty where none did.
        error: why, one sentence.
        kept, changed, dropped, added: top-level keys of the state, before against after.
        not_granted: what the new version asks for and may not do, as ``net api.example.com:443``.
        notes: what else is worth knowing, a sentence each.
        further: where others refused it, the versions of these with which it would be legal, by name.
    """

    module: str
    from_version: str
    to_version: str
    steps: tuple[SwapStep, ...] = ()
    failed_step: str = ""
    error: str = ""
    kept: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    hooks_gained: tuple[str, ...] = ()
    hooks_lost: tuple[str, ...] = ()
    not_granted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)


class SwapReport(Replacement, frozen=True, kw_only=True):
    """What a swap did to a module; ``failed_step`` is that of whichever module refused.

    Attributes:
        pause_s: how long the module answered nobody, seconds; 0.0 where it was never paused. Modules that change
            together have one pause.
        delivered: events that waited and were delivered afterwards.
        unwell: of one that was taken back, how the old one goes on, a sentence, where not as it was; else empty.
        others: the reports of those that changed together with it, in load order, or were all taken back with it.
    """

    outcome: Outcome
    pause_s: float = 0.0
    delivered: int = 0
    unwell: str = ""
    others: tuple[SwapReport, ...] = ()


class FileChange(Struct, frozen=True, kw_only=True):
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


class DependentFit(Struct, frozen=True, kw_only=True):
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


class Rehearsal(Replacement, frozen=True, kw_only=True):
    """What a swap would do to a module; nothing was changed. ``failed_step`` is that at which it would be refused.

    Attributes:
        seconds: what the steps took.
        memory, memory_before: bytes of the new runtime, ``None`` where it would be refused before there is one; and of
            the one that runs.
        differences: of the states, the first 200; ``beyond``: how many more there are.
        permissions_gained, permissions_lost: what the manifests ask for, in the words of ``not_granted``.
        files: of Lua that differ, by path.
        dependents: loaded modules that need this one, and whether they take the new version.
        effects: what was asked of others and not done, as ``emit added`` or ``call log.write (3 times)``.
        others: the rehearsals of those that would change together with it.
    """

    seconds: float = 0.0
    memory: int | None = None
    memory_before: int = 0
    differences: tuple[Difference, ...] = ()
    beyond: int = 0
    permissions_gained: tuple[str, ...] = ()
    permissions_lost: tuple[str, ...] = ()
    files: tuple[FileChange, ...] = ()
    dependents: tuple[DependentFit, ...] = ()
    effects: tuple[str, ...] = ()
    others: tuple[Rehearsal, ...] = ()
