"""The roster: which instance answers for which module; the Exchange of all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

from host.engine.trail import Trail
from host.hooks.dispatch import Dispatch
from host.hooks.handler import Handler
from host.lifecycle.exchange import Callee
from host.lifecycle.instance import Instance
from host.lifecycle.native import Native, read_native
from host.lifecycle.withheld import Withheld
from host.resolution.order import in_order
from host.resolution.relations import edges_of
from host.runtime.making import Runtimes
from host.storage import SessionEntry
from host.trust.caller import Calling
from host.trust.gate import Gate
from host.vocabulary.clock import clock
from host.vocabulary.errors import EventRefused, ModuleFault, ModuleUnknown, ProcessEnded
from host.vocabulary.manifest import Manifest
from host.vocabulary.marker import Marker
from host.vocabulary.tracer import Tracer

MOST_DEPARTED: Final = 1000


class PanelChanged(Protocol):
    """Told of what a module shows; ``anew`` where a panel came or went."""

    def __call__(self, module: str, *, anew: bool) -> None: ...


class FaultCounted(Protocol):
    """Told of each fault of what answers for its module; ``asked`` as in ``Exchange.faulted``."""

    def __call__(self, instance: Instance, *, asked: bool) -> None: ...


class Roster:
    """Instances by name and number; implements ``lifecycle.exchange.Exchange``.

    Attributes:
        staged: instances that a swap under way would bring, by name.
        withheld: what those emit.
        run: names this run of the host.
        requested: names that the user asked for; the others came as dependencies.
        awaited: what ran before and is to run again, though it cannot now, by name.
        trail: which code each module ran.
        tracer: who is told of hooks and calls; set before anything is loaded.
        panel_changed: told of what modules show; nobody is at first.
    """

    def __init__(
        self,
        marker: Marker,
        on_log: Callable[[str, str, str], None],
        on_fault: Callable[[str, ModuleFault, str], None],
        on_count: FaultCounted,
        on_end: Callable[[Instance], None],
        runtimes: Runtimes,
        data: Path,
        gate: Gate,
    ) -> None:
        self.marker: Final = marker
        self.data: Final = data
        self.gate: Final = gate
        self.calling: Final = Calling()
        self.run: Final = uuid4().hex
        self.runtimes: Final = runtimes
        self.tracer: Tracer | None = None
        self.dispatch: Final = Dispatch(marker.cell, self._handler_failed)
        self.log: Final = on_log
        self.panel_changed: PanelChanged = _unseen
        self.requested: Final[set[str]] = set()
        self.awaited: Final[dict[str, SessionEntry]] = {}
        self.trail: Final = Trail()
        self._on_fault = on_fault
        self._on_count = on_count
        self._on_end = on_end
        self._active: dict[str, Instance] = {}
        self.staged: Final[dict[str, Callee]] = {}
        self.withheld: Final = Withheld()
        self._living: dict[int, Callee] = {}
        self._departed: dict[int, str] = {}
        self._serial = 0

    # -- as instances see it --

    def native(self, manifest: Manifest) -> Native:
        return read_native(manifest, self.data, self.gate)

    def serving(self, name: str) -> Instance | None:
        return self._active.get(name)

    def by_serial(self, serial: int) -> Callee | None:
        return self._living.get(serial)

    def arrived(self, instance: Callee) -> None:
        self._living[instance.serial] = instance

    def left(self, serial: int) -> None:
        instance = self._living.pop(serial, None)
        if instance is not None:
            self._departed[serial] = f"{instance.name} {instance.version}, which went at {clock(time.time())}"
        if len(self._departed) > MOST_DEPARTED:
            del self._departed[next(iter(self._departed))]

    def ended(self, instance: Callee, fault: ModuleFault | None) -> None:
        serving = self._active.get(instance.name)
        if serving is instance:
            if fault is not None:
                self.faulted(instance.name, fault)
            self._on_end(serving)

    def departed(self, serial: int) -> str:
        return self._departed.get(serial, "a module that went long ago")

    def next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def faulted(self, module: str, fault: ModuleFault, *, asked: bool = False) -> None:
        if isinstance(fault, ProcessEnded) and fault.earlier:  # that it ended was counted
            return
        if self.calling.passes_on(module, fault.message):  # what raised it was told, or whoever it goes on to will be
            return
        instance = self._active.get(module)
        if instance is not None:
            instance.faults += 1
            instance.quota.faulted(fault)
            instance.last_fault = str(fault)
        self._on_fault(module, fault, str(instance.manifest.folder) if instance is not None else "")
        if instance is not None:
            self._on_count(instance, asked=asked)

    def _handler_failed(self, handler: Handler, fault: ModuleFault) -> None:
        if not isinstance(fault, EventRefused):  # told to whoever emitted it, and in the report of the swap
            self.faulted(handler.owner, fault)

    # -- as the engine sees it --

    @property
    def active(self) -> Mapping[str, Instance]:
        """By name, in load order."""
        return self._active

    @property
    def manifests(self) -> dict[str, Manifest]:
        return {name: instance.manifest for name, instance in self._active.items()}

    def get(self, name: str) -> Instance:
        """The instance of a module.

        Raises:
            ModuleUnknown: it is not loaded.
        """
        try:
            return self._active[name]
        except KeyError:
            raise ModuleUnknown(name, tuple(self._active), loaded=True) from None

    def admit(self, instances: Sequence[Instance]) -> None:
        """Let instances answer for their modules, all from one moment on, in place of those before them."""
        for instance in instances:
            before = self._active.get(instance.name)
            if before is not None:
                self.left(before.serial)
            self.arrived(instance)  # one that comes back had left
        self._active = {**self._active, **{instance.name: instance for instance in instances}}

    def dismiss(self, instance: Instance) -> None:
        """Let a module be answered for by nobody."""
        del self._active[instance.name]
        self.left(instance.serial)
        self.requested.discard(instance.name)

    def wished_for(self, fresh: frozenset[str]) -> bool:
        """Whether a module loaded before some others needs one of them: it did not have to be there."""
        return any(
            not fresh.isdisjoint(instance.manifest.dependencies)
            for name, instance in self._active.items()
            if name not in fresh
        )

    def rank_anew(self) -> None:
        """Bring the load order up to date after what changed who needs whom."""
        ordered = in_order(edges_of(self.manifests.values()))
        names = [*ordered.names, *sorted(ordered.rest)]
        self._active = {name: self._active[name] for name in names}
        places = {name: place for place, name in enumerate(names)}
        for name, instance in self._active.items():
            instance.rank = places[name]
        table = self.dispatch.table
        self.dispatch.table = table.ranked({name: places[name] for name in table.ranks})


def _unseen(module: str, *, anew: bool) -> None:
    """Stand where somebody will be told what modules show."""
