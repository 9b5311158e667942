"""What follows a swap, done or taken back: what can come back, what is told, what is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from host.discovery.bundle import read_bundle
from host.engine.acts import Change as Kept
from host.engine.chronicle import Chronicle
from host.engine.keeping import Keeping
from host.engine.last_swaps import LastSwaps
from host.engine.loading import ABOUT_RUNNING
from host.engine.probations import Probations
from host.engine.refused_saves import refused_save, reload_problem
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.resolution.relations import needs_of
from host.runtime.codec import decode
from host.storage import digest_of_code
from host.swap.change import Change
from host.swap.pipeline import Swapped
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault, NotData, SwapFailed
from host.vocabulary.events import EventKind
from host.vocabulary.views import HistoryRow, LastSwap, ProblemView, Severity, SwapReport

COMPARED: Final = 1 << 18
"""Bytes of a state up to which its keys are compared before and after."""


class Aftermath:
    """Settles swaps that ended."""

    def __init__(
        self,
        roster: Roster,
        keeping: Keeping,
        chronicle: Chronicle,
        probations: Probations,
        last_swaps: LastSwaps,
    ) -> None:
        self._roster = roster
        self._last_swaps = last_swaps
        self._probations = probations
        self._keeping = keeping
        self._chronicle = chronicle

    async def settle(self, swapped: Swapped, kind: str, because: str = "") -> tuple[SwapReport, ...]:
        """Note, tell and keep what became of each module; gives the reports.

        What was swapped in answers whoever waited before its state is taken and compared.

        Args:
            swapped: what ended.
            kind: as in HistoryRow.
            because: why what ran before came back by itself; else empty.

        Raises:
            SwapFailed: the swap was taken back; with the report of the module that refused, and those of the others.
        """
        ended = list(zip(swapped.changes, swapped.reports, strict=True))
        if swapped.refusal is None:
            self._order_anew(swapped.changes)
            await asyncio.sleep(0)
            states = [self._newest_state(change) for change in swapped.changes]
            reports = tuple(
                self._committed(change, _compared(replace(report, error=because), change, state), kind, because)
                for (change, report), state in zip(ended, states, strict=True)
            )
            now = time.time()  # the same for all: by that they are known as one act
            for change, state in zip(swapped.changes, states, strict=True):
                told = LastSwap(at=now, kind=kind, from_version=change.old.version, to_version=change.new.version)
                self._last_swaps.note(change.new, told, change.before, _arrived(change, state))
            self._keeping.acts.swapped(
                *(
                    Kept(
                        instance=change.new,
                        row=_row(report, kind, _files(change), now),
                        before=change.before,
                        state=state,
                    )
                    for change, report, state in zip(swapped.changes, reports, states, strict=True)
                )
            )
        else:
            reports = swapped.reports
            self.refused(reports, kind, swapped.refusal, because)
        for change, report in ended:
            if change.fault is not None:
                self._roster.faulted(report.module, change.fault)
        if swapped.refusal is not None:
            at_fault = next((report for change, report in ended if change.steps.failed), reports[0])
            raise SwapFailed(as_one(reports, at_fault.module)) from swapped.refusal
        return reports

    def refused(self, reports: Sequence[SwapReport], kind: str, refusal: HostError, because: str = "") -> None:
        """Tell and keep that modules run on as they were; ``because``: why they were to go back by themselves."""
        where = refusal if isinstance(refusal, LoadFailed) else None
        for report in reports:
            own = where if where is not None and where.name == report.module else None
            if kind == "reload":
                text = refused_save(report.module, report.from_version, report.error, report.unwell)
                self._tell(EventKind.RELOAD_REFUSED, report, text, own)
                self._chronicle.stands(reload_problem(report.module, text, own, report.failed_step))
            elif because:
                self._tell_stuck(report, because, own)
            else:
                self._tell(EventKind.SWAP_ROLLED_BACK, report, str(SwapFailed(report)), own)
        now = time.time()
        self._keeping.acts.swapped(
            *(Kept(instance=self._roster.get(each.module), row=_row(each, kind, (), now)) for each in reports)
        )

    def _order_anew(self, changes: Sequence[Change]) -> None:
        active = self._roster.active
        if any(needs_of(each.new.manifest, active) - needs_of(each.old.manifest, active) for each in changes):
            self._roster.rank_anew()
            for name in self._roster.active:
                self._chronicle.touch(name)

    def _committed(self, change: Change, report: SwapReport, kind: str, because: str) -> SwapReport:
        new = change.new
        new.unsaved = self._unsaved(change, kind)
        new.superseded = kind == "rollback" and not new.unsaved and _differs_on_disk(new)
        self._chronicle.settled(f"failed:{new.name}", *(f"{about}:{new.name}" for about in ABOUT_RUNNING))
        if because:
            self._tell_taken_back(new, report, because)
        else:
            self._tell(EventKind.SWAP_COMMITTED, report, _sentence(report, kind))
        return report

    def _unsaved(self, change: Change, kind: str) -> Mapping[str, bytes]:
        """What lies on disk in place of the files of a new instance that nobody saved."""
        old, new = change.old, change.new
        match kind:
            case "scratch":
                disk = {**old.bundle.files, **old.unsaved}
            case "rollback" if self._roster.trail.typed(new.name, digest_of_code(new.manifest, new.bundle)):
                try:
                    disk = dict(read_bundle(new.manifest).files)
                except LoadFailed:  # its files are gone, which is told elsewhere
                    return {}
            case "edit":
                return old.unsaved
            case _:
                return {}
        return {path: disk[path] for path, data in new.bundle.files.items() if disk.get(path, data) != data}

    def _tell_taken_back(self, serving: Instance, report: SwapReport, because: str) -> None:
        notes = "".join(f"; {note}" for note in report.notes)
        text = f"{_sentence(report, 'rollback')} by itself, after {because}{notes}"
        self._chronicle.tell(
            EventKind.SWAP_ROLLED_BACK,
            text,
            module=report.module,
            version=report.from_version,
            pause_s=report.pause_s,
            error=because,
            reason="probation",
        )
        self._chronicle.stands(
            ProblemView(
                id=f"probation:{report.module}",
                severity=Severity.WARNING,
                message=text,
                module=report.module,
                file=str(serving.manifest.folder / serving.manifest.entry),
                remedy="Its log has the faults; mend the file and save it, or swap it again.",
            )
        )

    def _tell_stuck(self, report: SwapReport, because: str, where: LoadFailed | None) -> None:
        name, runs = report.module, report.from_version
        text = (
            f"{name} could not go back to {report.to_version} by itself ({report.failed_step}): {report.error}; "
            f"{runs} runs on, after {because}"
        )
        self._tell(EventKind.SWAP_ROLLED_BACK, report, text, where)
        remedy = "Mend its file and save it, swap it to another version, or unload it."
        self._chronicle.stands(
            ProblemView(id=f"probation:{name}", severity=Severity.ERROR, message=text, module=name, remedy=remedy)
        )

    def _newest_state(self, change: Change) -> tuple[Instance, bytes | None]:
        """What the new one gives, else what it gave before it counted, else what the old one gave; and who gave it."""
        new = change.new
        try:
            state = new.state()
        except ModuleFault as fault:
            self._roster.faulted(new.name, fault)
            self._probations.mute(new.name, fault)
            return (change.old, change.before) if change.tried is None else (new, change.tried)
        return new, state

    def _tell(self, kind: EventKind, report: SwapReport, text: str, where: LoadFailed | None = None) -> None:
        self._chronicle.tell(
            kind,
            text,
            module=report.module,
            version=report.to_version,
            pause_s=report.pause_s,
            error=report.error,
            traceback=where.traceback if where else "",
        )


def as_one(reports: Sequence[SwapReport], name: str) -> SwapReport:
    """The report of one module, with those of the modules that were swapped with it."""
    (own,) = [report for report in reports if report.module == name]
    return replace(own, others=tuple(report for report in reports if report is not own))


def _differs_on_disk(instance: Instance) -> bool:
    try:
        return read_bundle(instance.manifest).digest != instance.bundle.digest
    except LoadFailed:  # its files are gone, which is told elsewhere
        return False


def _sentence(report: SwapReport, kind: str) -> str:
    name, before, now = report.module, report.from_version, report.to_version
    if kind == "rollback":
        return f"{name} was rolled back from {before} to {now}"
    if kind == "scratch":
        return f"{name} {now} runs with texts that are not on disk, with its state"
    if kind == "edit":
        return f"the state of {name} {now} was edited"
    if before == now:
        return f"{name} {now} was reloaded with its state"
    return f"{name} was swapped from {before} to {now} with its state"


def _files(change: Change) -> tuple[str, ...]:
    return change.new.bundle.changed_files(change.old.bundle)


def _row(report: SwapReport, kind: str, files: tuple[str, ...], at: float) -> HistoryRow:
    return HistoryRow(
        id=0,
        at=at,
        kind=kind,
        from_version=report.from_version,
        to_version=report.to_version,
        outcome=report.outcome,
        pause_s=report.pause_s,
        error="; ".join(filter(None, (report.error, report.unwell))),
        files=files,
    )


def _compared(report: SwapReport, change: Change, state: tuple[Instance, bytes | None]) -> SwapReport:
    """Add which top-level keys of the state were kept, changed, dropped and added, where the new one gave it.

    It is compared as it was before what waited was delivered, unless it is large.
    """
    try:
        kept, changed, dropped, added = keys_compared(change.before, _arrived(change, state))
    except NotData as fault:  # deep in a large state, where nobody looks in a pause
        return replace(report, notes=(*report.notes, f"its state was not compared: {fault}"))
    return replace(report, kept=kept, changed=changed, dropped=dropped, added=added)


def _arrived(change: Change, state: tuple[Instance, bytes | None]) -> bytes | None:
    """What the new one had of the state before anything else happened, where it gave it."""
    after = state[1] if change.tried is None else change.tried
    return after if state[0] is change.new else None


def keys_compared(before: bytes | None, after: bytes | None) -> tuple[tuple[str, ...], ...]:
    """Top-level keys of two states: kept, changed, dropped, added; none where a state is large or no table by name."""
    if before is None or after is None or max(len(before), len(after)) > COMPARED:
        return (), (), (), ()
    old, new = decode(before), decode(after)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return (), (), (), ()
    earlier = {str(key): value for key, value in old.items()}
    later = {str(key): value for key, value in new.items()}
    both = sorted(earlier.keys() & later.keys())
    return (
        tuple(key for key in both if earlier[key] == later[key]),
        tuple(key for key in both if earlier[key] != later[key]),
        tuple(sorted(earlier.keys() - later.keys())),
        tuple(sorted(later.keys() - earlier.keys())),
    )
