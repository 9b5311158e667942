"""What is reported of a swap, of each of its modules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from host.swap.change import Change
from host.swap.members import Member, changes_of
from host.swap.waiting import Waiting
from host.vocabulary.errors import HostError, LoadFailed
from host.vocabulary.identity import ModuleKey
from host.vocabulary.states import Outcome
from host.vocabulary.views import SwapReport


def committed(changes: Sequence[Change], waiting: Waiting, pause: float) -> tuple[SwapReport, ...]:
    """Report a swap that was done; ``pause`` in seconds."""
    return tuple(
        replace(
            _report(change, waiting, pause),
            hooks_gained=tuple(sorted(change.new.events - change.events)),
            hooks_lost=tuple(sorted(change.events - change.new.events)),
        )
        for change in changes
    )


def rolled_back(
    members: Sequence[Member], refusal: HostError, waiting: Waiting, pause: float
) -> tuple[SwapReport, ...]:
    """Report a swap that was taken back; of the modules that were not at fault, whose refusal it was."""
    reason = refusal.reason if isinstance(refusal, LoadFailed) else str(refusal)
    at_fault = next(member for member in members if member.steps.failed)
    reports = [replace(_report(each, waiting, pause), unwell=each.unwell) for each in changes_of(members)]
    return _refused(reports, at_fault.key, at_fault.steps.failed, reason)


def taken_back(reports: Sequence[SwapReport], at_fault: str, step: str, reason: str) -> tuple[SwapReport, ...]:
    """Report of a swap that was done that it did not last.

    Args:
        reports: of its modules, as they were done.
        at_fault: name of the one of them for which it was taken back.
        step: that this one failed in.
        reason: why, one sentence.
    """
    (own,) = [each for each in reports if each.module == at_fault]
    return _refused(reports, ModuleKey(own.module, own.to_version), step, reason)


def _refused(reports: Iterable[SwapReport], at_fault: ModuleKey, step: str, reason: str) -> tuple[SwapReport, ...]:
    beside = f"{at_fault}, which goes with it, was refused: {reason}"
    return tuple(
        replace(
            each,
            outcome=Outcome.ROLLED_BACK,
            failed_step=step,
            error=reason if each.module == at_fault.name else beside,
        )
        for each in reports
    )


def _report(change: Change, waiting: Waiting, pause: float) -> SwapReport:
    fault = () if change.fault is None else (str(change.fault),)
    return SwapReport(
        module=change.old.name,
        from_version=change.old.version,
        to_version=change.target.manifest.version,
        outcome=Outcome.COMMITTED,
        steps=tuple(change.steps.done),
        pause_s=pause,
        not_granted=change.old.exchange.gate.not_granted(change.target.manifest),
        delivered=waiting.delivered[change.old.name],
        notes=(*change.notes, *fault, *waiting.notes(change.old.name)),
    )
