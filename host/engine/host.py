"""The host: the public face of the engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from host.engine.chronicle import Chronicle
from host.engine.inspection import Inspection
from host.engine.keeping import Grounds, Keeping
from host.engine.library import Library
from host.engine.loading import Loading
from host.engine.picture import Picture
from host.engine.reloading import Reloading
from host.engine.roster import Roster
from host.engine.starting import default_data, start_up
from host.engine.swapping import Swapping
from host.resolution.resolve import resolve
from host.runtime.codec import decode
from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError, ModuleFault
from host.vocabulary.events import Event, EventKind
from host.vocabulary.views import HistoryRow, Plan, PlainData, ProblemView, Severity, Snapshot, SwapReport


@dataclass(frozen=True, slots=True)
class EmitReport:
    """What became of an event: how many handlers answered, and the faults of the others."""

    delivered: int
    failures: tuple[ModuleFault, ...] = ()


class Host:
    """Loads, runs, swaps and unloads modules; an asynchronous context manager.

    Every method refuses with a subclass of HostError, and what it refused is then as it was before.
    """

    def __init__(
        self,
        modules: Sequence[str | Path] = ("modules",),
        data: str | Path | None = None,
        *,
        autoload: bool = False,
        watch: bool = False,
        restore: bool = False,
    ) -> None:
        """Say what to run; nothing happens before ``async with``.

        Args:
            modules: folders that hold ``<tier>/<name>/module.toml``.
            data: where states and history are kept; the user's data folder where it is absent.
            autoload: load every module whose manifest asks for it.
            watch: reload modules whose files change.
            restore: load what was loaded when the host on this data folder last ran.
        """
        self.data: Final = Path(data).absolute() if data is not None else default_data()
        self._roots: Final = tuple(Path(root).absolute() for root in modules)
        self._autoload = autoload
        self._watch = watch
        self._restore = restore
        self.chronicle: Final = Chronicle()
        self._changing: Final = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        grounds = Grounds(self.data)
        self._roster: Final = Roster(grounds.marker, self.chronicle.log, self._faulted)
        self._library: Final = Library(self._roots, self.chronicle)
        self._keeping: Final = Keeping(grounds, self._roster, self.chronicle)
        self._loading: Final = Loading(self._library, self._roster, self._keeping, self.chronicle)
        parts = (self._library, self._roster)
        self._swapping: Final = Swapping(*parts, self._loading, self._keeping, self.chronicle)
        self._reloading: Final = Reloading(self._roots, *parts, self._swapping, self.chronicle, self._changing)
        self.inspection: Final = Inspection(self._roster)
        self.picture: Final = Picture(self.data, *parts, self._loading, self._keeping, self._reloading, self.chronicle)
        self._keeping.tell_unkept()
        await start_up(self, self._library, self._keeping, autoload=self._autoload, restore=self._restore)
        self._looking = asyncio.create_task(self._keeping.watch_states())
        if self._watch:
            self._reloading.start()
        self.chronicle.tell(EventKind.READY, f"ready: {len(self._roster.active)} modules loaded")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.chronicle.tell(EventKind.STOPPING, "stopping")
        await self._reloading.stop()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        async with self._changing:
            self._keeping.save_session()
            for instance in reversed(list(self._roster.active.values())):
                self._loading.take_down(instance)
            await self._keeping.end()
        self.chronicle.close()

    async def load(self, name: str, specifier: str = "", *, fresh: bool = False) -> Plan:
        """Load a module and what it needs, dependencies first; what is loaded already stays as it is.

        Args:
            name: of the module.
            specifier: which versions will do (``==1.0.0``, ``^2``); any where it is empty.
            fresh: begin without the last checkpoints.

        Returns:
            The plan, dependencies first.

        Raises:
            ResolutionFailed: no choice of versions will do.
            LoadFailed: a module did not come up; nothing of this call remains loaded.
        """
        return await self.load_all({name: specifier}, fresh=fresh)

    async def load_all(self, wanted: Mapping[str, str], *, fresh: bool = False) -> Plan:
        """Load several modules as one plan."""
        async with self._changing:
            manifests = self._roster.manifests
            plan = await asyncio.to_thread(resolve, self._library.repository, dict(wanted), loaded=manifests)
            for name in wanted:
                self._keeping.forgive(name)
            for step in plan.order:
                running = self._roster.serving(step.name)
                if running is not None and running.version != step.version:
                    await self._swapping.to(step.name, f"=={step.version}")
            await self._loading.bring_up(plan.order, fresh=fresh)
            self._roster.requested.update(wanted)
            self._keeping.save_session()
            return plan

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
        async with self._changing:
            gone = self._loading.unload(name, cascade=cascade)
            self._keeping.save_session()
            return gone

    async def swap(self, name: str | Mapping[str, str], version: str = "") -> SwapReport:
        """Replace a loaded module by another version, with its state.

        Args:
            name: of the module, or one pair of name and version.
            version: a version or a specifier; the newest where it is empty.

        Raises:
            SwapFailed: it was taken back; the old one runs on with exactly the state it had.
            ModuleUnknown: it is not loaded.
        """
        if not isinstance(name, str):
            if len(name) != 1:
                raise HostError(
                    f"{len(name)} modules cannot be swapped as one yet; nothing was changed; swap one by one"
                )
            ((name, version),) = name.items()
        async with self._changing:
            report = await self._swapping.to(name, version or "*")
            self._keeping.save_session()
            return report

    async def reload(self, name: str) -> SwapReport:
        """Swap a module to what its folder now holds, changed or not.

        Raises:
            SwapFailed: as in :meth:`swap`.
        """
        async with self._changing:
            self._library.look()
            instance = self._roster.get(name)
            manifest = self._library.repository.at(instance.manifest.folder)
            if manifest is None:
                raise HostError(f"{instance.manifest.folder} holds no usable module now; {name} runs on as it is")
            return await self._swapping.reload(instance, manifest)

    async def rollback(self, name: str) -> SwapReport:
        """Take the last swap of a module back: the code before, with the newest state that it takes.

        Raises:
            NothingToRollBack: it was never swapped.
            SwapFailed: as in :meth:`swap`.
        """
        async with self._changing:
            report = await self._swapping.back(name)
            self._keeping.save_session()
            return report

    async def emit(self, event: str, *arguments: PlainData) -> EmitReport:
        """Deliver an event to all that answer it.

        Raises:
            NotData: an argument that cannot cross; nothing was delivered.
        """
        delivered, failures = self._roster.dispatch.emit(event, *Crossing.of(*arguments))
        return EmitReport(delivered, tuple(failures))

    async def filter(self, event: str, value: PlainData, *arguments: PlainData) -> PlainData:
        """Hand a value from one handler of an event to the next; gives what the last made of it."""
        rest = Crossing.of(*arguments)
        result, _ = self._roster.dispatch.filter(event, Crossing.of(value), rest)
        return Crossing(*result).value()

    async def call(self, name: str, function: str, *arguments: PlainData) -> PlainData:
        """Call an export; gives its result, several as a tuple.

        Raises:
            ModuleFault: the module raised.
        """
        instance = self._roster.get(name)
        if function not in instance.exports:
            known = ", ".join(sorted(instance.exports)) or "nothing"
            raise HostError(f"{name} {instance.version} exports no {function!r}; it exports {known}")
        return instance.call_export(function, Crossing.of(*arguments)).value()

    async def execute(self, name: str, request: PlainData) -> PlainData:
        """Call a module's ``execute(self, request)``, or its export of that name.

        Raises:
            HostError: it has neither.
        """
        instance = self._roster.get(name)
        if instance.runtime.has("execute"):
            return instance.execute(Crossing.of(request)).value()
        return await self.call(name, "execute", request)

    async def state(self, name: str) -> PlainData:
        """The state of a module as plain data; ``None`` where it keeps none."""
        data = self._roster.get(name).state()
        return None if data is None else decode(data)

    async def history(self, name: str) -> tuple[HistoryRow, ...]:
        """What was done to a module, newest first."""
        return await self._keeping.history(name)

    async def rescan(self) -> None:
        """Look through the module folders again, and reload what changed in them."""
        async with self._changing:
            self._library.look()
            await self._reloading.take_in([each.bundle.folder / "init.lua" for each in self._roster.active.values()])

    def snapshot(self) -> Snapshot:
        """The whole host as it stands, frozen."""
        return self.picture.snapshot()

    def events(self) -> AsyncIterator[Event]:
        """Yield what happens from now on, until the host ends."""
        return self.chronicle.follow()

    def _faulted(self, module: str, fault: ModuleFault) -> None:
        self.chronicle.log(module, "error", str(fault))
        self.chronicle.tell(
            EventKind.MODULE_FAULT, str(fault), module=module, error=str(fault), traceback=fault.traceback
        )
        instance = self._roster.serving(module)
        file = str(instance.manifest.folder / fault.file) if instance and fault.file else ""
        self.chronicle.stands(
            ProblemView(
                id=f"fault:{module}",
                severity=Severity.WARNING,
                message=str(fault),
                module=module,
                file=file,
                line=fault.line,
                remedy="Mend the file and save it, or roll back.",
                action="rollback",
            )
        )
