"""Loading and unloading: a plan brought up in order, or taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from host.discovery.bundle import Bundle, read_bundle
from host.discovery.config_schema import read_config_schema
from host.engine.chronicle import Chronicle
from host.engine.keeping import Keeping
from host.engine.library import Library
from host.engine.past import Past
from host.engine.probations import Probations
from host.engine.roster import Roster
from host.lifecycle.bring_up import begin, prepare, put_in_force, restore
from host.lifecycle.configuration import ConfigurationInvalid, effective
from host.lifecycle.instance import Instance
from host.lifecycle.judge import Judge
from host.lifecycle.take_down import clean_up, discard, withdraw
from host.resolution.relations import dependents
from host.runtime.allocation import ask_for_huge_pages
from host.storage import Checkpoint
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault, StillNeeded
from host.vocabulary.events import EventKind
from host.vocabulary.folders import data_option
from host.vocabulary.manifest import Manifest, Requirement
from host.vocabulary.views import PlanStep, ProblemView, Severity

_AFRESH: Final = "Mend the file, or load it without its last state (theseus load {name} --fresh{data})."
_REMEDIES: Final = {"setState": _AFRESH, "migrate": _AFRESH, "dependencies": "Load what it needs, then load it again."}
ABOUT_RUNNING: Final = ("reload", "fault", "health", "config", "probation", "quarantine")
"""Kinds of problems that go with what runs."""
_MEND: Final = "Mend the file, then load it again."


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a module is not there."""

    version: str
    reason: str
    remedy: str
    at: float


class Loading:
    """Brings instances up and takes them down; told as it happens."""

    def __init__(
        self,
        library: Library,
        roster: Roster,
        keeping: Keeping,
        past: Past,
        probations: Probations,
        judge: Judge,
        chronicle: Chronicle,
    ) -> None:
        self._library = library
        self._judge = judge
        self._probations = probations
        self._past = past
        self._roster = roster
        self._keeping = keeping
        self._chronicle = chronicle
        self.failures: dict[str, Failure] = {}

    async def bring_up(self, steps: tuple[PlanStep, ...], *, fresh: bool) -> tuple[str, ...]:
        """Load what of a plan is not loaded; gives the names.

        Raises:
            LoadFailed: one did not come up; those that this call had brought up before it are gone again.
        """
        loaded: list[str] = []
        with ExitStack() as undo:
            async for manifest, checkpoint in self._wanted(steps, fresh=fresh):
                await self._bring_up_one(manifest, checkpoint, fresh=fresh)
                undo.callback(self._take_back, manifest.name, kept=not fresh)
                loaded.append(manifest.name)
            undo.pop_all()
        if fresh:
            self._keeping.checkpoints.forget(*loaded)
        self._order_anew(loaded)
        return tuple(loaded)

    async def bring_up_what_can(self, steps: tuple[PlanStep, ...]) -> None:
        """Load what of a plan is not loaded; what does not come up, and what needs it, is told and left out."""
        loaded: list[str] = []
        async for manifest, checkpoint in self._wanted(steps, fresh=False):
            lacking = [name for name, need in manifest.dependencies.items() if self._lacks(name, need)]
            if lacking:
                reason = f"it needs {', '.join(lacking)}, which did not load"
                error = LoadFailed(manifest.name, manifest.version, "dependencies", reason)
                self.refused(manifest.name, manifest.version, error)
                continue
            with suppress(LoadFailed):  # told where it failed
                await self._bring_up_one(manifest, checkpoint, fresh=False, as_it_ran=True)
                loaded.append(manifest.name)
        self._order_anew(loaded)

    async def _wanted(
        self, steps: tuple[PlanStep, ...], *, fresh: bool
    ) -> AsyncIterator[tuple[Manifest, Checkpoint | None]]:
        """What of a plan is not loaded, with its last checkpoint."""
        wanted = [step for step in steps if self._roster.serving(step.name) is None]
        ask_for_huge_pages(len(self._roster.active) + len(wanted))
        checkpoints = {} if fresh else await self._keeping.checkpoints.of(frozenset(step.name for step in wanted))
        for step in wanted:
            yield self._library.at(Path(step.path)), checkpoints.get(step.name)
            await asyncio.sleep(0)  # a long plan leaves the loop to others between two modules

    def _lacks(self, name: str, need: Requirement) -> bool:
        return not need.optional and self._roster.serving(name) is None

    def _order_anew(self, loaded: list[str]) -> None:
        if self._roster.wished_for(frozenset(loaded)):
            self._roster.rank_anew()
            for name in self._roster.active:
                self._chronicle.touch(name)

    def _take_back(self, name: str, *, kept: bool) -> None:
        self.take_down(self._roster.get(name), kept=kept)

    async def _bring_up_one(
        self, manifest: Manifest, checkpoint: Checkpoint | None, *, fresh: bool, as_it_ran: bool = False
    ) -> None:
        """Load one; ``as_it_ran``: what was rolled back stays so until the next save."""
        try:
            bundle = read_bundle(manifest)
            standing = await self._past.standing(manifest, bundle) if as_it_ran else None
            manifest, bundle = standing or (manifest, bundle)
            await self._roster.runtimes.ready([manifest])
            instance = self.made(manifest, bundle, await self.configuration(manifest), checkpoint)
            instance.superseded = standing is not None
        except LoadFailed as error:
            self.refused(manifest.name, manifest.version, error)
            raise
        self._roster.admit([instance])
        put_in_force(instance)
        self.came_up(instance, fresh=fresh)

    def came_up(self, instance: Instance, *, fresh: bool) -> None:
        """Tell and keep that a module was loaded."""
        manifest = instance.manifest
        self.failures.pop(manifest.name, None)
        self._chronicle.settled(f"failed:{manifest.name}")
        text = f"{manifest.name} {manifest.version} was loaded"
        self._chronicle.tell(EventKind.MODULE_LOADED, text, module=manifest.name, version=manifest.version)
        if lacking := self._roster.gate.not_granted(manifest):
            command = f"theseus grant {manifest.name}{data_option(self._roster.data)}"
            text = f"asks for what is not granted: {', '.join(lacking)}; allow it with: {command}"
            self._chronicle.log(manifest.name, "info", text)
        self._keeping.acts.loaded(instance, fresh=fresh)

    def made(
        self, manifest: Manifest, bundle: Bundle, config: Mapping[str, Any], checkpoint: Checkpoint | None
    ) -> Instance:
        """Make an instance that has begun and has its state, and is not in force.

        Raises:
            LoadFailed: nothing of it remains.
        """
        instance = prepare(manifest, bundle, self._roster)
        try:
            begin(instance, config)
            if checkpoint is not None:
                restore(instance, checkpoint.state, checkpoint.version)
        except LoadFailed:
            clean_up(instance)
            discard(instance)
            raise
        return instance

    async def configuration(self, manifest: Manifest) -> dict[str, Any]:
        """What a module is configured with: its schema's defaults, and what the user set where that still fits.

        Raises:
            LoadFailed: its schema cannot be used.
        """
        schema, problems = read_config_schema(manifest.folder)
        if problems:
            fault = problems[0]
            raise LoadFailed(
                manifest.name, manifest.version, "read", f"{fault.key} {fault.message}", str(fault.file), fault.line
            )
        settings = await self._keeping.settings(manifest.name)
        if settings:
            try:
                await self._judge.check(manifest.name, schema, effective(schema, settings))
            except ConfigurationInvalid as error:
                text = f"what was configured fits no longer ({error.path}: {error.reason}); the defaults are used"
                self._chronicle.log(manifest.name, "warn", text)
                settings = None
        return effective(schema, settings)

    def needed_by(self, name: str) -> tuple[str, ...]:
        """Loaded modules that need one, those that nothing needs first."""
        return dependents(self._roster.manifests.values(), name)

    def unload(self, name: str, *, cascade: bool) -> tuple[str, ...]:
        """Take a module down, and with ``cascade`` those that need it first.

        Raises:
            StillNeeded: others need it.
            ModuleUnknown: it is not loaded.
        """
        self._roster.get(name)
        needed_by = self.needed_by(name)
        if needed_by and not cascade:
            raise StillNeeded(name, needed_by)
        gone = (*needed_by, name)
        for each in gone:
            self.take_down(self._roster.get(each))
        return gone

    def take_down(self, instance: Instance, *, kept: bool = True) -> None:
        """Keep the state, if it is wanted, clean up, pay all debts, drop the runtime; then look whether it is gone."""
        name, version, runtime = instance.name, instance.version, instance.runtime
        self._probations.end(name)
        if kept:
            self._keep_state(instance)
        clean_up(instance)
        withdraw(instance)
        self._roster.dismiss(instance)
        self._chronicle.settled(*(f"{about}:{name}" for about in ABOUT_RUNNING))
        try:
            discard(instance)
        except ExceptionGroup as failures:
            self._chronicle.log(name, "error", f"{failures}: {'; '.join(map(str, failures.exceptions))}")
        if len(instance.ledger) or not runtime.gone:
            self._chronicle.log(name, "error", f"{name} {version} is unloaded, and something still holds its runtime")
        self._chronicle.tell(EventKind.MODULE_UNLOADED, f"{name} {version} was unloaded", module=name, version=version)
        self._keeping.acts.unloaded(name, version)
        if name not in self._library.names:
            self._chronicle.forget(name)  # its files went before it did

    def _keep_state(self, instance: Instance) -> None:
        try:
            self._keeping.checkpoints.keep(instance, instance.state())
        except ModuleFault as fault:
            self._roster.faulted(instance.name, fault)

    def lose(self, instance: Instance, error: LoadFailed) -> None:
        """Take a module down whose process is gone and does not come back; what is kept of its state stays so."""
        name, dispatch = instance.name, self._roster.dispatch
        dispatch.table = dispatch.table.without(name)  # what stood in for it, too
        self._roster.dismiss(instance)
        self._chronicle.settled(*(f"{about}:{name}" for about in ABOUT_RUNNING))
        discard(instance)
        self.refused(name, instance.version, error)

    def refused(self, name: str, version: str, error: HostError) -> None:
        """Tell that a module did not load, and why; that stands as a problem until it does."""
        where = error if isinstance(error, LoadFailed) else None
        reason = str(error).replace("\n", "; ")
        remedy = _REMEDIES.get(where.step, _MEND) if where else "Do what it says, then load it again."
        remedy = remedy.format(name=name, data=data_option(self._roster.data))
        event = self._chronicle.tell(
            EventKind.MODULE_FAILED,
            reason,
            module=name,
            version=version,
            error=str(error),
            traceback=where.traceback if where else "",
        )
        self.failures[name] = Failure(version, reason, remedy, event.at)
        self._chronicle.stands(
            ProblemView(
                id=f"failed:{name}",
                severity=Severity.ERROR,
                message=reason,
                module=name,
                file=where.file if where else "",
                line=where.line if where else 0,
                remedy=remedy,
                action="load",
            )
        )
        self._keeping.acts.failed(name, version, reason)
