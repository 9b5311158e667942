"""Swaps, reloads and roll-backs, with all that surrounds the pipeline: plans, history, what is told."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from host.discovery.bundle import read_bundle
from host.engine.chronicle import Chronicle
from host.engine.fitting import refuse_misfit
from host.engine.keeping import Keeping
from host.engine.library import Library
from host.engine.loading import Loading
from host.engine.refused_saves import refused_save, reload_problem
from host.engine.roster import Earlier, Roster
from host.lifecycle.instance import Instance
from host.resolution.relations import needs_of
from host.resolution.resolve import resolve
from host.runtime.codec import decode
from host.swap.pipeline import Swapped, Target, swap
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault, NothingToRollBack, SwapFailed, VersionInvalid
from host.vocabulary.events import EventKind
from host.vocabulary.manifest import Manifest
from host.vocabulary.states import Outcome
from host.vocabulary.views import HistoryRow, Plan, PlanStep, SwapReport

COMPARED: Final = 1 << 18
"""Bytes of a state up to which its keys are compared before and after."""


class Swapping:
    """Replaces instances; raises SwapFailed where the old one runs on."""

    def __init__(
        self, library: Library, roster: Roster, loading: Loading, keeping: Keeping, chronicle: Chronicle
    ) -> None:
        self._library = library
        self._roster = roster
        self._loading = loading
        self._keeping = keeping
        self._chronicle = chronicle

    async def to(self, name: str, version: str, kind: str = "swap") -> SwapReport:
        """Swap a module to another version, or to the same as it now lies on disk.

        Args:
            name: of the module, which is loaded.
            version: as a manifest spells it, or a specifier.
            kind: what the history calls it.
        """
        old = self._roster.get(name)
        try:
            manifest, needed = self._plan(name, version)
        except HostError as error:
            raise self._refused(old, version, kind, error) from error
        return await self._become(old, manifest, needed, kind)

    async def reload(self, old: Instance, manifest: Manifest) -> SwapReport:
        """Swap a module to what its folder now holds; where only its files changed, nothing needs to be planned."""
        if manifest == old.manifest:
            return await self._become(old, manifest, (), "reload")
        return await self.to(old.name, manifest.version, "reload")

    async def back(self, name: str) -> SwapReport:
        """Take the last swap of a module back: the code that ran before, with the newest state that it takes."""
        old = self._roster.get(name)
        kept = self._roster.earlier.get(name)
        if not kept:
            raise NothingToRollBack(name)
        earlier = kept[-1]
        try:
            needed = self._needs(earlier.manifest)
        except HostError as error:
            raise self._refused(old, earlier.manifest.version, "rollback", error) from error
        return await self._become(old, earlier.manifest, needed, "rollback", earlier)

    async def _become(
        self, old: Instance, manifest: Manifest, needed: tuple[PlanStep, ...], kind: str, earlier: Earlier | None = None
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
            check=lambda: refuse_misfit(manifest, self._roster.manifests.values()),
            fallback=fallback,
        )
        swapped = swap(old, target, self._roster.admit)
        if swapped.refusal is not None:
            for each in reversed(loaded_for_it):
                self._loading.take_down(self._roster.get(each))
        return self._settle(old, swapped, kind)

    def _plan(self, name: str, version: str) -> tuple[Manifest, tuple[PlanStep, ...]]:
        """The version that is meant, and what must be there for it."""
        repository = self._library.repository
        exact = version
        with suppress(VersionInvalid):  # a specifier then, which says no less
            found = repository.find(name, version)
            exact = f"=={found.version}" if found else version
        plan = resolve(repository, {name: exact}, loaded=self._roster.manifests)
        self._refuse_others(plan, name)
        manifest = self._planned(plan, name)
        return manifest, tuple(step for step in plan.order if step.name != name)

    def _needs(self, manifest: Manifest) -> tuple[PlanStep, ...]:
        """What must be loaded for a version that ran before, and may be gone from disk."""
        needs = {name: need.specifier for name, need in manifest.dependencies.items() if not need.optional}
        if all(self._roster.serving(name) is not None for name in needs):
            return ()
        return resolve(self._library.repository, needs, loaded=self._roster.manifests).order

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
        if kind == "rollback":
            self._roster.earlier[new.name].pop()
        else:
            self._roster.remember(
                Earlier(manifest=old.manifest, bundle=old.bundle, state=swapped.before, until=time.time())
            )
        if needs_of(new.manifest, self._roster.active) - needs_of(old.manifest, self._roster.active):
            self._roster.rank_anew()
        after = self._state_after(new)
        report = _compared(swapped.report, swapped.before, after)
        self._chronicle.settled(*(f"{kind}:{new.name}" for kind in ("reload", "fault", "failed", "health", "config")))
        self._tell(EventKind.SWAP_COMMITTED, report, _sentence(old, new, kind))
        files = new.bundle.changed_files(old.bundle)
        self._keeping.swapped(new, _row(report, kind, files), swapped.before, after)
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
        self._keeping.swapped(instance, _row(report, kind, ()), None, None)

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

    def _planned(self, plan: Plan, name: str) -> Manifest:
        step = next(step for step in plan.order if step.name == name)
        return self._library.at(Path(step.path))

    def _refuse_others(self, plan: Plan, name: str) -> None:
        """Refuse a swap that is legal only with swaps of other modules."""
        others = [
            f"{step.name} {instance.version} to {step.version}"
            for step in plan.order
            if step.name != name
            and (instance := self._roster.serving(step.name)) is not None
            and instance.version != step.version
        ]
        if others:
            raise HostError(f"it also needs {' and '.join(others)}; swap those first")


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
