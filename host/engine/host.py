"""The host: the public face of the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from host.discovery.cache import ManifestCache
from host.discovery.repository import scan
from host.engine.aftermath import as_one
from host.engine.arguments import expect_id, expect_text, versions_of
from host.engine.bisecting import bisect, go_on, under_way, view
from host.engine.comebacks import take_back
from host.engine.finishing import finished
from host.engine.locking import follow, lock, refuse_locked
from host.engine.parts import Parts
from host.engine.planning import Search, load_together
from host.engine.quarantining import Patience
from host.engine.rehearsing import rehearsed
from host.engine.starting import as_it_ran, start_up
from host.engine.supplying import Supplying
from host.swap.probation import LONGEST_S
from host.vocabulary.errors import HostError
from host.vocabulary.events import EventKind
from host.vocabulary.folders import default_data
from host.vocabulary.permission import Grant
from host.vocabulary.tracer import Tracer
from host.vocabulary.views import BisectionView, PlainData, Plan, Rehearsal, SwapReport


class Host(Supplying):
    """Loads, runs, swaps and unloads modules; an asynchronous context manager.

    Every method refuses with a subclass of HostError, and what it refused is then as it was before. Where
    its caller is cancelled, a load is taken back, and whatever else changes something is finished once it was begun.

    Attributes:
        tracer: told of each hook, call and swap as a span; assigned before ``async with``, or nobody is.
    """

    def __init__(
        self,
        modules: Sequence[str | Path] | str | Path = ("modules",),
        data: str | Path | None = None,
        *,
        autoload: bool = False,
        watch: bool = False,
        restore: bool = False,
        revive: bool = False,
        safe: bool = False,
        quarantine: tuple[int, float] | None = (5, 10.0),
    ) -> None:
        """Say what to run; nothing happens before ``async with``.

        Args:
            modules: folders that hold ``<tier>/<name>/module.toml``, or one.
            data: where states and history are kept; the user's data folder where it is absent.
            autoload: load every module whose manifest asks for it.
            watch: reload modules whose files change.
            restore: load what was loaded when the host on this data folder last ran.
            revive: do so where that one died.
            safe: do neither, load nothing by itself, and keep what was loaded last for the next start.
            quarantine: after how many faults of a module within how many seconds its hooks and timers are switched
                off; ``None`` for never.
        """
        super().__init__()
        self.data: Final = Path(data).absolute() if data is not None else default_data()
        roots = (modules,) if isinstance(modules, str | Path) else modules
        self._roots: Final = tuple(Path(root).absolute() for root in roots)
        self._autoload = autoload
        self._watch = watch
        self._restore = restore
        self._revive = revive
        self._safe = safe
        self._manifests = ManifestCache(self.data, self._roots)
        self._entered = False
        self.tracer: Tracer | None = None
        self._patience = Patience(*quarantine) if quarantine is not None else None
        self._beside: tuple[asyncio.Task[None], ...] = ()

    async def __aenter__(self) -> Self:
        if self._entered:
            raise HostError("this host ran already, or runs now; make another one")
        repository = await asyncio.to_thread(lambda: scan(self._roots, self._manifests.read()))
        self._parts = parts = Parts.open(repository, self.data, self.chronicle, self._patience)
        self._entered = True
        parts.roster.tracer = self.tracer
        try:
            parts.keeping.tell_unkept()
            await asyncio.to_thread(self._manifests.write, repository.readings)
            restore = self._restore or (self._revive and parts.died is not None)
            search = await under_way(parts)
            free = search is None and not self._safe
            await start_up(parts, autoload=self._autoload and free, restore=restore and free, safe=not free)
            if search is not None and not self._safe:
                await go_on(parts, search)
            looking = asyncio.create_task(parts.keeping.checkpoints.watch(parts.probing.look))
            following = asyncio.create_task(parts.restarting.follow())
            self._beside = (looking, asyncio.create_task(take_back(parts)), following)
            if self._watch:
                parts.reloading.start()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        parts = self.parts
        self.chronicle.tell(EventKind.STOPPING, "stopping")
        await parts.reloading.stop()
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        async with parts.changing:
            parts.keeping.save_session()
            for instance in reversed(list(parts.roster.active.values())):
                parts.loading.take_down(instance)
            parts.roster.runtimes.close()
            await parts.judge.close()
            parts.access.keep()
            await parts.keeping.end()
        self._parts = None
        self.chronicle.close()
        await asyncio.to_thread(self._manifests.write, parts.library.repository.readings)

    async def load(self, name: str, specifier: str = "", *, fresh: bool = False, upgrade: bool = False) -> Plan:
        """Load a module and what it needs, dependencies first; what is loaded already stays as it is.

        Args:
            name: of the module.
            specifier: which versions will do (``==1.0.0``, ``^2``); any where it is empty.
            fresh: begin without the last checkpoints.
            upgrade: prefer the newest versions of it and of what it needs, and swap what is loaded to these.

        Returns:
            The plan, dependencies first.

        Raises:
            ResolutionFailed: no choice of versions will do.
            LoadFailed: a module did not come up; nothing of this call remains loaded.
        """
        expect_text("load", name=name, specifier=specifier)
        return await self.load_all({name: specifier}, fresh=fresh, upgrade=upgrade)

    async def load_all(self, wanted: Mapping[str, str], *, fresh: bool = False, upgrade: bool = False) -> Plan:
        """Load several modules as one plan."""
        wanted = versions_of("load_all", wanted)
        await asyncio.sleep(0)  # acts that are finished begin a turn later: so all come in the order of their asking
        asked = wanted if upgrade else as_it_ran(self.parts, wanted)
        with closing(Search(self.parts, asked, upgrade=upgrade)) as search:
            while True:
                async with self._changing() as parts:
                    if (plan := await search.plan()) is not None:
                        return await load_together(parts, plan, wanted, fresh=fresh)
                await search.end()

    @finished
    async def unload(self, name: str, *, cascade: bool = False) -> tuple[str, ...]:
        """Unload a module; its state is kept as a checkpoint.

        Args:
            name: of the module.
            cascade: unload those that need it too, first.

        Returns:
            The names of all that went, in that order.

        Raises:
            StillNeeded: others need it.
            ModuleUnknown: it is not loaded.
        """
        expect_text("unload", name=name)
        async with self._changing() as parts:
            awaited = parts.roster.awaited
            gone = () if name in awaited.keys() - parts.roster.active else parts.loading.unload(name, cascade=cascade)
            for each in (name, *gone):
                awaited.pop(each, None)
                parts.chronicle.settled(f"failed:{each}")
            parts.keeping.save_session()
            return gone

    @finished
    async def swap(
        self, name: str | Mapping[str, str], version: str = "", *, probation: float | None = None
    ) -> SwapReport:
        """Replace a loaded module by another version, with its state.

        Args:
            name: of the module, or versions of several by name, which change together: all, or none.
            version: a version or a specifier; the newest where it is empty.
            probation: seconds in which faults take it back, 0 for none; as the manifests say where it is absent.

        Returns:
            What became of the module; of several the first, and the ``others`` with it.

        Raises:
            SwapFailed: it was taken back; what ran before runs on with exactly the state it had. Where other loaded
                modules refuse it, its report names the fewest ``further`` swaps that make it legal.
            ModuleUnknown: it is not loaded.
        """
        wanted = versions_of("swap", name, version)
        if not wanted:
            raise HostError("no module was named; nothing was swapped")
        if probation is not None and not 0 <= probation <= LONGEST_S:
            raise HostError(f"a probation lasts 0 to {LONGEST_S:.0f} s, not {probation:g} s; nothing was swapped")
        async with self._changing() as parts:
            refuse_locked(parts, wanted)
            return as_one(await parts.swapping.to(wanted, probation_s=probation), next(iter(wanted)))

    async def rehearse(self, name: str | Mapping[str, str], version: str = "") -> Rehearsal:
        """Do what :meth:`swap` would do up to where it would count, on a copy, and drop it; nothing is changed.

        What it asks of others meanwhile (events, filters, exports, native functions) is noted and answered with
        nothing; what runs misses nothing. A swap that would be refused is no error here: the report says so.

        Raises:
            ModuleUnknown: it is not loaded.
        """
        wanted = versions_of("rehearse", name, version)
        if not wanted:
            raise HostError("no module was named; nothing was rehearsed")
        async with self._changing() as parts:
            return await rehearsed(parts, wanted)

    @finished
    async def reload(self, name: str) -> SwapReport:
        """Swap a module to what its folder now holds, changed or not.

        Raises:
            SwapFailed: as in :meth:`swap`.
        """
        expect_text("reload", name=name)
        async with self._changing() as parts:
            await parts.library.look()
            instance = parts.roster.get(name)
            manifest = parts.library.repository.at(instance.manifest.folder)
            if manifest is None:
                raise HostError(f"{parts.library.why_not(instance.manifest.folder)}; {name} runs on as it is")
            (report,) = await parts.swapping.reload([manifest])
            return report

    @finished
    async def rollback(self, name: str, to: int | None = None) -> SwapReport:
        """Bring code of a module back that ran before, with the newest state that it takes.

        Args:
            name: of the module.
            to: the id of an act in its history: what ran after that; absent, what ran before the last change, of all
                modules that were changed in it. Then it stands where it stood there: the next one leads on from that.

        Raises:
            NothingToRollBack: there was no change.
            PointUnknown: nothing ran after that act, or it is no longer kept.
            SwapFailed: as in :meth:`swap`.
        """
        expect_text("rollback", name=name)
        expect_id("rollback", to=to)
        async with self._changing() as parts:
            reports = await parts.swapping.back([name], to=to)
            for report in reports:
                parts.reloading.leave(parts.roster.get(report.module))
                follow(parts, report.module)
            return as_one(reports, name)

    @finished
    async def grant(
        self, name: str, permissions: Mapping[str, Sequence[str]] | None = None, *, versions: str = "*"
    ) -> tuple[Grant, ...]:
        """Let a module do what its manifest asks for, all of it or some patterns; in force at the next use.

        Args:
            name: of the module, loaded or not.
            permissions: patterns by permission, as in ``{"net": ["api.example.com:443"]}``; of a permission with none,
                all that is asked for.
            versions: a specifier; of which versions of the module.

        Returns:
            All that the user said of the module now.

        Raises:
            ModuleUnknown: no module is called so.
            HostError: it does not ask for that; or a pattern, a permission or the versions are none.
        """
        expect_text("grant", name=name, versions=versions)
        async with self._changing() as parts:
            return parts.granting.grant(name, permissions, versions)

    @finished
    async def revoke(
        self, name: str, permissions: Mapping[str, Sequence[str]] | None = None, *, versions: str = "*"
    ) -> tuple[Grant, ...]:
        """Take back what was granted, all of it or some patterns; what something else still allows is denied.

        Arguments, result and refusals are those of :meth:`grant`.
        """
        expect_text("revoke", name=name, versions=versions)
        async with self._changing() as parts:
            return parts.granting.revoke(name, permissions, versions)

    @finished
    async def resume(self, name: str) -> None:
        """Switch the hooks and timers of a quarantined module on again.

        Raises:
            ModuleUnknown: it is not loaded.
            HostError: it is not quarantined.
        """
        expect_text("resume", name=name)
        async with self._changing() as parts:
            parts.quarantining.resume(parts.roster.get(name))

    @finished
    async def isolate(self, name: str, isolation: str = "process") -> bool:
        """Have a module run in a process of its own, or in the engine's; now, with its state, and from now on.

        Args:
            name: of the module, loaded or not.
            isolation: ``process`` or ``shared``; empty: as its manifest and its origin say.

        Returns:
            Whether it has a process of its own.

        Raises:
            ModuleUnknown: no module is called so.
            HostError: there is no such isolation.
            SwapFailed: it did not come up there; it runs on where it ran.
        """
        expect_text("isolate", name=name, isolation=isolation)
        async with self._changing() as parts:
            return await parts.resettling.choose(name, isolation)

    @finished
    async def lock(self, name: str, version: str = "") -> str:
        """Keep a module at a version: plans choose no other, and a swap to another is refused; saves go on live.

        Args:
            name: of the module, loaded or not.
            version: as it is on disk; empty: no longer at any.

        Returns:
            The version.

        Raises:
            ModuleUnknown: that is not there.
            HostError: another one runs.
        """
        expect_text("lock", name=name, version=version)
        async with self._changing() as parts:
            return lock(parts, name, version)

    @finished
    async def configure(self, name: str, settings: Mapping[str, PlainData]) -> None:
        """Set a module's configuration, over its schema's defaults: live where it can, else by a reload.

        Raises:
            ConfigurationInvalid: its schema refuses the settings, or cannot be used; or they are no JSON.
            LoadFailed: the module's ``configure`` refused them.
            SwapFailed: it has none, and the reload with them was taken back.
        """
        expect_text("configure", name=name)
        if not isinstance(settings, Mapping):
            raise TypeError(f"Host.configure: settings must be a mapping, not {type(settings).__name__}")
        async with self._changing() as parts:
            await parts.refitting.configure(parts.roster.get(name), settings)

    @finished
    async def bisect(self, step: str) -> BisectionView:
        """Find the modules that are bad, alone or only together, by loading ever fewer of those that run.

        Args:
            step: ``begin``; ``bad`` or ``good``, how it is with what is loaded now; ``back``, which takes the last
                answer back; ``end``, with which all that ran before runs again.

        Returns:
            What to look at now, or what was found.

        Raises:
            HostError: that is no step now; nothing was changed.
        """
        expect_text("bisect", step=step)
        async with self._changing() as parts:
            return await bisect(parts, step)

    async def bisection(self) -> BisectionView:
        """How far the search for bad modules is, or that none is under way."""
        return view(self.parts, await under_way(self.parts))

    @finished
    async def rescan(self) -> None:
        """Look through the module folders again, and reload what changed in them."""
        async with self._changing() as parts:
            await parts.library.look()
            await parts.reloading.take_in(
                [each.manifest.folder / each.manifest.entry for each in parts.roster.active.values()]
            )
