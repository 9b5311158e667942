"""What is reported of a swap, of each of its modules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from host.swap.change import Change
from host.swap.members import Member, changes_of
from host.swap.waiting import Waiting
from host.vocabulary.errors import HostError, LoadFailed
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
    beside = f"{at_fault.key}, which goes with it, was refused: {reason}"
    return tuple(
        replace(
            _report(change, waiting, pause),
            outcome=Outcome.ROLLED_BACK,
            failed_step=at_fault.steps.failed,
            error=reason if change is at_fault else beside,
        )
        for change in changes_of(members)
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
