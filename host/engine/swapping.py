"""Swaps, reloads and roll-backs, with all that surrounds the pipeline: plans, history, what is told."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from host.discovery.bundle import read_bundle
from host.engine.aiming import aim, lacking
from host.engine.chronicle import Chronicle
from host.engine.fitting import refuse_misfit
from host.engine.keeping import Change, Keeping
from host.engine.library import Library
from host.engine.loading import Loading
from host.engine.past import Earlier, Past
from host.engine.refused_saves import refused_save, reload_problem
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.resolution.relations import needs_of
from host.runtime.codec import decode
from host.swap.pipeline import Swapped, Target, swap
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault, ResolutionFailed, SwapFailed
from host.vocabulary.events import EventKind
from host.vocabulary.manifest import Manifest
from host.vocabulary.states import Outcome
from host.vocabulary.views import HistoryRow, PlanStep, SwapReport

COMPARED: Final = 1 << 18
"""Bytes of a state up to which its keys are compared before and after."""


class Swapping:
    """Replaces instances; raises SwapFailed where the old one runs on."""

    def __init__(
        self, library: Library, roster: Roster, loading: Loading, keeping: Keeping, past: Past, chronicle: Chronicle
    ) -> None:
        self._library = library
        self._roster = roster
        self._loading = loading
        self._keeping = keeping
        self._past = past
        self._chronicle = chronicle

    async def to(self, wanted: Mapping[str, str], kind: str = "swap") -> tuple[SwapReport, ...]:
        """Swap modules to other versions, or to the same as they now lie on disk, dependencies first.

        Args:
            wanted: versions as manifests spell them, or specifiers, by name of a loaded module; empty is the newest.
            kind: what the history calls it.

        Raises:
            SwapFailed: one was taken back, and those before it were swapped back.
        """
        before = self._roster.manifests
        first, *_ = [self._roster.get(name) for name in wanted]
        try:
            found = await aim(self._library, before, wanted)
        except HostError as error:
            raise self._refused(first, wanted[first.name], kind, error) from error
        beside = {**before, **{manifest.name: manifest for manifest in found.manifests}}
        reports: list[SwapReport] = []
        try:
            for manifest in found.manifests:
                old, needed = self._roster.get(manifest.name), () if reports else found.needed
                reports.append(await self._become(old, manifest, needed, kind, beside=beside))
        except SwapFailed as error:
            if not reports:
                raise
            await self.undo(reports, before)
            raise SwapFailed(_alone(error.report, reports)) from error
        return tuple(reports)

    async def undo(self, reports: Sequence[SwapReport], before: Mapping[str, Manifest]) -> None:
        """Swap modules back that were swapped as parts of something that failed; ``before`` is what was loaded then."""
        for report in reversed(reports):
            with suppress(HostError):  # told where it happened; what comes out is why the whole failed
                await self.back(report.module, before)
        for name in reversed(list(self._roster.active)):
            if name not in before:
                self._loading.take_down(self._roster.get(name))

    async def reload(self, old: Instance, manifest: Manifest) -> SwapReport:
        """Swap a module to what its folder now holds; where only its files changed, nothing needs to be planned."""
        if manifest == old.manifest:
            return await self._become(old, manifest, (), "reload")
        (report,) = await self.to({old.name: manifest.version}, "reload")
        return report

    async def back(
        self, name: str, beside: Mapping[str, Manifest] | None = None, *, to: int | None = None
    ) -> SwapReport:
        """Take the last swap of a module back: the code that ran before, with the newest state that it takes.

        Args:
            name: of the module.
            beside: what it must fit, where that is not what is loaded now.
            to: an act in its history; the code that ran after it comes back.
        """
        old = self._roster.get(name)
        earlier = await self._past.earlier(name, to)
        try:
            needed = await lacking(self._library, self._roster.manifests, earlier.manifest)
        except HostError as error:
            raise self._refused(old, earlier.manifest.version, "rollback", error) from error
        return await self._become(old, earlier.manifest, needed, "rollback", earlier, beside=beside)

    async def _become(
        self,
        old: Instance,
        manifest: Manifest,
        needed: tuple[PlanStep, ...],
        kind: str,
        earlier: Earlier | None = None,
        *,
        beside: Mapping[str, Manifest] | None = None,
    ) -> SwapReport:
        """Load what is needed for it, then run the pipeline; what was loaded for a swap that failed goes again."""
        loaded_for_it: tuple[str, ...] = ()
        try:
            loaded_for_it = await self._loading.bring_up(needed, fresh=False)
            config = await self._loading.configuration(manifest)
        except HostError as error:
            raise self._refused(old, manifest.version, kind, error) from error
        fallback = None if earlier is None or earlier.state is None else (earlier.state, manifest.version)
        target = Target(
            manifest=manifest,
            bundle=lambda: earlier.bundle if earlier is not None else read_bundle(manifest),
            config=config,
            check=lambda: refuse_misfit(manifest, (beside or self._roster.manifests).values()),
            fallback=fallback,
        )
        versions = {old.name: (old.version, manifest.version)}
        await self._keeping.under_way(kind, versions, None if earlier is None else earlier.point)
        swapped = swap(old, target, self._roster.admit)
        if swapped.refusal is not None:
            for each in reversed(loaded_for_it):
                self._loading.take_down(self._roster.get(each))
        return self._settle(old, swapped, kind)

    def _settle(self, old: Instance, swapped: Swapped, kind: str) -> SwapReport:
        report = swapped.report
        if swapped.refusal is None:
            report = self._committed(old, swapped, kind)
        else:
            self._rolled_back(report, kind, swapped.refusal)
        if swapped.fault is not None:
            self._roster.faulted(old.name, swapped.fault)
        if swapped.refusal is not None:
            raise SwapFailed(report) from swapped.refusal
        return report

    def _committed(self, old: Instance, swapped: Swapped, kind: str) -> SwapReport:
        new = swapped.serving
        new.superseded = kind == "rollback" and _differs_on_disk(new)
        if needs_of(new.manifest, self._roster.active) - needs_of(old.manifest, self._roster.active):
            self._roster.rank_anew()
        after = self._state_after(new)
        report = _compared(swapped.report, swapped.before, after)
        self._chronicle.settled(*(f"{kind}:{new.name}" for kind in ("reload", "fault", "failed", "health", "config")))
        self._tell(EventKind.SWAP_COMMITTED, report, _sentence(old, new, kind))
        files = new.bundle.changed_files(old.bundle)
        row = _row(report, kind, files)
        self._keeping.swapped(Change(instance=new, row=row, before=swapped.before, after=after))
        return report

    def _state_after(self, new: Instance) -> bytes | None:
        try:
            return new.state()
        except ModuleFault as fault:
            self._roster.faulted(new.name, fault)
            return None

    def _rolled_back(self, report: SwapReport, kind: str, refusal: HostError | None) -> None:
        where = refusal if isinstance(refusal, LoadFailed) else None
        if kind == "reload":
            text = refused_save(report.module, report.from_version, report.error)
            self._tell(EventKind.RELOAD_REFUSED, report, text, where)
            self._chronicle.stands(reload_problem(report.module, text, where, report.failed_step))
        else:
            self._tell(EventKind.SWAP_ROLLED_BACK, report, str(SwapFailed(report)), where)
        instance = self._roster.get(report.module)
        self._keeping.swapped(Change(instance=instance, row=_row(report, kind, ())))

    def _refused(self, old: Instance, version: str, kind: str, error: HostError) -> SwapFailed:
        """What a refusal before the pipeline means: the module was never paused."""
        report = SwapReport(
            module=old.name,
            from_version=old.version,
            to_version=version,
            outcome=Outcome.ROLLED_BACK,
            steps=(),
            failed_step="check",
            error=str(error).replace("\n", "; "),
            further=error.further if isinstance(error, ResolutionFailed) else {},
        )
        self._rolled_back(report, kind, error)
        return SwapFailed(report)

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
    """The report of one module, with a note for each that was swapped with it."""
    (own,) = [report for report in reports if report.module == name]
    others = [report for report in reports if report is not own]
    notes = (
        f"{each.module} {each.from_version} -> {each.to_version} in {each.pause_s * 1000:.1f} ms" for each in others
    )
    return replace(own, notes=(*own.notes, *notes))


def _alone(report: SwapReport, before: Sequence[SwapReport]) -> SwapReport:
    """Why one of several failed, and that the others were swapped back."""
    back = ", ".join(f"{each.module} to {each.from_version}" for each in before)
    return replace(report, error=f"{report.error}; {back} went back")


def _differs_on_disk(instance: Instance) -> bool:
    try:
        return read_bundle(instance.manifest).digest != instance.bundle.digest
    except LoadFailed:  # its files are gone, which is told elsewhere
        return False


def _sentence(old: Instance, new: Instance, kind: str) -> str:
    if kind == "rollback":
        return f"{new.name} was rolled back from {old.version} to {new.version}"
    if old.version == new.version:
        return f"{new.name} {new.version} was reloaded with its state"
    return f"{new.name} was swapped from {old.version} to {new.version} with its state"


def _row(report: SwapReport, kind: str, files: tuple[str, ...]) -> HistoryRow:
    return HistoryRow(
        id=0,
        at=time.time(),
        kind=kind,
        from_version=report.from_version,
        to_version=report.to_version,
        outcome=report.outcome,
        pause_s=report.pause_s,
        error=report.error,
        files=files,
    )


def _compared(report: SwapReport, before: bytes | None, after: bytes | None) -> SwapReport:
    """Add which top-level keys of the state were kept, changed, dropped and added."""
    if before is None or after is None or max(len(before), len(after)) > COMPARED:
        return report
    old, new = decode(before), decode(after)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return report
    earlier = {str(key): value for key, value in old.items()}
    later = {str(key): value for key, value in new.items()}
    both = sorted(earlier.keys() & later.keys())
    return replace(
        report,
        kept=tuple(key for key in both if earlier[key] == later[key]),
        changed=tuple(key for key in both if earlier[key] != later[key]),
        dropped=tuple(sorted(earlier.keys() - later.keys())),
        added=tuple(sorted(later.keys() - earlier.keys())),
    )
