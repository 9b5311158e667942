"""Swaps, reloads and roll-backs: from what is wanted to targets for the pipeline, all of one swap together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from host.engine.aftermath import Aftermath, as_one
from host.engine.aiming import aim, lacking, planned_aim, refuse_barred
from host.engine.companions import Companions, in_load_order
from host.engine.fitting import refuse_unfit
from host.engine.keeping import Keeping
from host.engine.library import Library
from host.engine.loading import Loading
from host.engine.probations import Probations
from host.engine.roster import Roster
from host.engine.targets import Targets, Wanted
from host.lifecycle.instance import Instance
from host.lifecycle.quiesce import let_settle
from host.storage import digest_of_code
from host.swap.change import Change, restarted
from host.swap.members import Member, changes_of
from host.swap.pipeline import Swapped, swap
from host.swap.probation import Probation
from host.swap.reporting import taken_back
from host.vocabulary.errors import HostError, ModuleFault, ResolutionFailed, SwapFailed
from host.vocabulary.manifest import Manifest
from host.vocabulary.states import Outcome
from host.vocabulary.tracer import spanned
from host.vocabulary.views import Plan, PlanStep, SwapReport

MENDING: Final = frozenset({"rollback", "reload", "scratch"})
"""Acts that go on with the state kept last where a module does not give its own: they are how one gets out of that."""


class Swapping:
    """Replaces instances; raises SwapFailed where the old ones run on."""

    def __init__(
        self,
        library: Library,
        roster: Roster,
        loading: Loading,
        keeping: Keeping,
        aftermath: Aftermath,
        probations: Probations,
        companions: Companions,
        targets: Targets,
    ) -> None:
        self._library = library
        self._roster = roster
        self._loading = loading
        self._keeping = keeping
        self._aftermath = aftermath
        self._probations = probations
        self._companions = companions
        self._targets = targets

    async def to(
        self, wanted: Mapping[str, str], kind: str = "swap", *, probation_s: float | None = None
    ) -> tuple[SwapReport, ...]:
        """Swap modules to other versions, or to the same as they now lie on disk: all of them, or none.

        Args:
            wanted: versions as manifests spell them, or specifiers, by name of a loaded module; empty is the newest.
            kind: what the history calls it.
            probation_s: how long it is on probation; as the manifests say where it is absent.

        Returns:
            The report of each, in load order.

        Raises:
            SwapFailed: all run on as they were.
            ModuleUnknown: one is not loaded.
        """
        for name in wanted:
            self._roster.get(name)
        try:
            found = await aim(self._library, self._roster.manifests, wanted)
        except HostError as error:
            raise self._refused(wanted, kind, error) from error
        return await self._become(_as_on_disk(found.manifests), found.needed, kind, probation_s=probation_s)

    async def as_planned(self, plan: Plan) -> tuple[SwapReport, ...]:
        """Swap what a plan has in other versions than run, with what these need of it: all of it, or none.

        Returns:
            The report of each, in load order; empty where nothing is to be swapped.

        Raises:
            SwapFailed: all run on as they were.
        """
        loaded = self._roster.manifests
        wanted = {step.name: step.version for step in plan.order if step.replaces}
        if not wanted:
            return ()
        try:
            found = planned_aim(self._library, loaded, plan)
        except HostError as error:
            raise self._refused(wanted, "swap", error) from error
        return await self._become(_as_on_disk(found.manifests), found.needed, "swap")

    async def reload(self, manifests: Sequence[Manifest]) -> tuple[SwapReport, ...]:
        """Swap modules to what their folders now hold; where only files changed, nothing needs to be planned."""
        if all(manifest == self._roster.get(manifest.name).manifest for manifest in manifests):
            named = {each.name: each for each in manifests}
            ordered = [named[name] for name in self._roster.active if name in named]
            return await self._become(_as_on_disk(ordered), (), "reload")
        return await self.to({manifest.name: manifest.version for manifest in manifests}, "reload")

    async def scratch(self, name: str, texts: Mapping[str, str], *, probation_s: float | None = None) -> SwapReport:
        """Swap a module to itself with other texts for some of its files; the disk keeps what it has.

        Raises:
            SwapFailed: it runs on as it was.
            HostError: it has no such file, or runs with these texts already.
        """
        wanted = self._targets.scratch(name, texts)
        (report,) = await self._become([wanted], (), "scratch", probation_s=probation_s)
        return report

    async def edit(self, name: str, change: Callable[[bytes], bytes]) -> SwapReport:
        """Swap a module to itself with another state.

        Args:
            name: of the module.
            change: makes that of the state it gives; may refuse with a HostError.

        Raises:
            SwapFailed: it runs on as it was.
        """
        old = self._roster.get(name)
        wanted = Wanted(manifest=old.manifest, bundle=old.bundle, edit=change)
        (report,) = await self._become([wanted], (), "edit", probation_s=0.0)
        return report

    async def back(
        self, names: Sequence[str], beside: Mapping[str, Manifest] | None = None, *, to: int | None = None
    ) -> tuple[SwapReport, ...]:
        """Take the last swap of each of some modules back: the code before, with the newest state that it takes.

        Args:
            names: of the modules; what was swapped with them in one act and has not changed since goes back, too.
            beside: what they must fit, where that is not what is loaded now.
            to: an act in the history of the one module; the code that ran after it comes back.

        Raises:
            SwapFailed: all run on as they were; its report names ``further`` swaps with which it would be legal.
        """
        for name in names:
            self._roster.get(name)
        if to is None and beside is None:
            names = [each for name in names for each in self._roster.trail.together(name) & self._roster.active.keys()]
            if (probation := self._stuck(names)) is not None:
                return await self.take_back(probation)
        wanted = [await self._targets.earlier(name, to) for name in self._roster.active if name in names]
        manifests = [each.manifest for each in wanted]
        loaded = {**self._roster.manifests, **{manifest.name: manifest for manifest in manifests}}
        try:
            if beside is None:
                await refuse_barred(self._library, self._roster.manifests, manifests)
            needed = [step for manifest in manifests for step in await lacking(self._library, loaded, manifest)]
        except HostError as error:
            raise self._refused({each.name: each.version for each in manifests}, "rollback", error) from error
        if to is None and not needed and (probation := self._waits(wanted)) is not None:
            await let_settle(change.new for change in probation.changes)
            return await self.take_back(probation, beside)
        return await self._become(wanted, needed, "rollback", beside=beside)

    def _waits(self, wanted: Sequence[Wanted]) -> Probation | None:
        """What some modules are on together where just what is wanted of them waits."""
        names = {each.manifest.name: each for each in wanted}
        probation = self._probations.of_module(next(iter(names)))
        if probation is None or set(probation.names) != names.keys():
            return None
        for change in probation.changes:
            point = names[change.old.name].point
            if point is None or point.code != digest_of_code(change.old.manifest, change.old.bundle):
                return None
        return probation

    async def _config_of(self, waiting: Instance) -> Mapping[str, Any]:
        """What an instance would be configured with now; what it has, where that cannot be read or used any more."""
        try:
            return await self._loading.configuration(waiting.manifest)
        except HostError:
            return waiting.config

    def _stuck(self, names: Sequence[str]) -> Probation | None:
        """What waits for one of some modules that does not give its state: nothing else has what happened since."""
        for name in names:
            probation = self._probations.of_module(name)
            try:
                self._roster.get(name).state()
            except ModuleFault:
                if probation is not None:
                    return probation
        return None

    async def take_back(
        self, probation: Probation, beside: Mapping[str, Manifest] | None = None
    ) -> tuple[SwapReport, ...]:
        """Have what ran before a swap go on, if that still waits; nothing where the probation has ended since.

        Args:
            probation: of that swap.
            beside: what it must fit, where that is not what is loaded now.

        Raises:
            SwapFailed: it cannot; what is on probation runs on, and is so no longer.
        """
        if not self._probations.stays(probation):
            return ()
        was = {change.old.name: change.old.manifest for change in probation.changes}
        coming = {arrival.key.name: arrival.manifest for arrival in probation.parted}
        fits = {**coming, **(beside or self._roster.manifests), **was}
        configs = {change.old.name: await self._config_of(change.old) for change in probation.changes}
        changes = probation.returns(lambda manifest: refuse_unfit(manifest, fits), configs)
        versions = {each.old.name: (each.old.version, each.target.manifest.version) for each in changes}
        points = {name: self._roster.trail.back(name) for name in versions}
        await self._keeping.acts.under_way(
            "rollback", versions, {name: point for name, point in points.items() if point is not None}
        )
        await self._roster.runtimes.ready(was.values())
        ready = partial(self._probations.forget, probation)
        members = in_load_order([*self._companions.again(probation.parted, fits), *changes], fits)
        with spanned(self._roster.tracer, "swap", "back"):
            swapped = swap(members, self._roster.admit, ready=ready, missed=probation.missed.events)
        self._companions.arrived(swapped.arrived)
        if swapped.refusal is None:
            self._companions.part(change.old.manifest for change in changes)
        if self._probations.holds(probation):  # it was refused before those that wait were touched
            self._probations.end(*probation.names)
        return await self._aftermath.settle(swapped, "rollback", probation.reason)

    async def undo(self, names: Sequence[str], before: Mapping[str, Manifest]) -> None:
        """Swap modules back that were swapped for a load that failed; ``before`` is what was loaded then."""
        if names:
            with suppress(HostError):  # told where it happened; what comes out is why the whole failed
                await self.back(names, before)
        for name in reversed(list(self._roster.active)):
            if name not in before:
                self._loading.take_down(self._roster.get(name))

    async def _become(
        self,
        wanted: Sequence[Wanted],
        needed: Sequence[PlanStep],
        kind: str,
        *,
        beside: Mapping[str, Manifest] | None = None,
        probation_s: float | None = None,
    ) -> tuple[SwapReport, ...]:
        """Run the pipeline with what is needed for it; where that is a way back, what came along goes again."""
        try:
            made = await self._targets.of(wanted, needed, beside, mending=kind in MENDING)
        except HostError as error:
            raise self._refused({each.manifest.name: each.manifest.version for each in wanted}, kind, error) from error
        await self._roster.runtimes.ready(made.manifests)
        versions = {target.old.name: (target.old.version, target.manifest.version) for target in made.targets}
        points = {each.manifest.name: each.point for each in wanted if each.point is not None}
        await self._keeping.acts.under_way(kind, versions, points)
        await let_settle(target.old for target in made.targets)
        try:
            self._keep_what_may_die(target.old for target in made.targets)
        except ModuleFault as fault:
            raise self._refused({name: to for name, (_, to) in versions.items()}, kind, fault, "snapshot") from fault
        changes = [Change(target) for target in made.targets]
        probation = self._probations.of(changes, probation_s)
        for change in changes:
            change.keeps = probation is not None
        swapped = self._swap(made.in_order([*made.arrivals, *changes]), probation)
        if swapped.refusal is None and kind == "rollback":
            parted = self._companions.part(change.old.manifest for change in changes)
            if probation is not None:
                probation.parted = parted
        reports = await self._aftermath.settle(swapped, kind)
        if probation is not None and probation.mute:
            await self.take_back(probation)
            raise SwapFailed(as_one(taken_back(reports, probation.mute, "getState", probation.reason), probation.mute))
        return reports

    def _keep_what_may_die(self, olds: Iterable[Instance]) -> None:
        """Keep the states of those that have a process of their own, which can end in its pause.

        Raises:
            ModuleFault: one ended now; it comes back with what was kept before.
        """
        for old in olds:
            if old.runtime.pid:
                try:
                    self._keeping.checkpoints.keep(old, old.state())
                except ModuleFault:
                    if old.runtime.dead:
                        raise
                    # told by the step of the pipeline that asks again

    def _swap(self, members: Sequence[Member], probation: Probation | None) -> Swapped:
        """Run the pipeline; what is swapped in is on probation from the commit on."""

        def commit(news: Sequence[Instance]) -> None:
            self._roster.admit(news)
            if probation is not None:
                self._probations.begin(probation)

        names = [change.old.name for change in changes_of(members)]
        ready = partial(self._probations.ready, names, probation)
        with spanned(self._roster.tracer, "swap", " ".join(names)) as span:
            swapped = swap(members, commit, ready=ready)
            if span is not None and swapped.refusal is not None:
                span.failed(str(swapped.refusal))
        if swapped.refusal is not None and probation is not None:
            self._probations.forget(probation)
        self._companions.arrived(swapped.arrived)
        return swapped

    def _refused(self, wanted: Mapping[str, str], kind: str, error: HostError, step: str = "check") -> SwapFailed:
        """What a refusal before the pipeline means: no module was ever paused."""
        reports = [
            SwapReport(
                module=name,
                from_version=self._roster.get(name).version,
                to_version=version,
                outcome=Outcome.ROLLED_BACK,
                steps=(),
                failed_step=step,
                error=str(error).replace("\n", "; "),
                unwell=restarted(self._roster.get(name)),
                further=error.further if isinstance(error, ResolutionFailed) else {},
            )
            for name, version in wanted.items()
        ]
        self._aftermath.refused(reports, kind, error)
        return SwapFailed(as_one(reports, reports[0].module))


def _as_on_disk(manifests: Sequence[Manifest]) -> list[Wanted]:
    return [Wanted(manifest=each) for each in manifests]
