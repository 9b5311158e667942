"""An instance: one loaded version with its runtime, and what it has registered."""

from __future__ import annotations

import time
from asyncio import Future
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

from host.discovery.bundle import Bundle
from host.hooks.handler import Handler, no_way
from host.lifecycle.blame import EXPORT, HANDED, blame_of
from host.lifecycle.exchange import Exchange
from host.lifecycle.ledger import Ledger
from host.lifecycle.native import Client, Direct, Native, face_of
from host.lifecycle.pace import Pace
from host.lifecycle.panels import Panels
from host.lifecycle.quota import Quota
from host.lifecycle.requests import InstanceRequests
from host.lifecycle.tasks import ENDS, Tasks
from host.lifecycle.timers import Fire, Timers
from host.runtime.crossing import Crossing, LuaFunction, Step, Wake, Ways
from host.runtime.interface import ModuleRuntime
from host.trust.caller import Asking, Caller
from host.vocabulary.distribution import Distribution
from host.vocabulary.errors import ModuleFault
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.payload import Payload, Shape
from host.vocabulary.states import Health, Phase, Status
from host.vocabulary.tracer import begun, hooked

T = TypeVar("T")

CONSOLE: Final = "the console"
"""What a text that somebody typed is called."""
_EXPORT: Final = "export"
_LABELS: Final = {"handed": HANDED, "execute": "execute", "text": CONSOLE}
_PHASES: Final = {"execute": Phase.EXECUTE, "text": Phase.CONSOLE}

Waited: TypeAlias = tuple[str, str, Shape, Payload, Caller | None]
"""For which module which event waits, its arguments, and in whose name it was emitted, as in ``Calling``."""


class Instance:
    """One version of a module, from its entry file to its clean-up.

    Attributes:
        live: whether its hooks and timers are in force; before that they are staged.
        ready: whether, in a swap, it has begun and has its state; what is swapped in with it may call it from then on.
        directs: exports that are native functions, by name, and their numbers in the ledger.
        superseded: whether it was rolled back to, and a newer save of it lies on disk.
        unsaved: what lies on disk in place of those of its files that nobody saved, by path.
        muted: numbers of the hooks and timers that somebody switched off.
        along: whether it was loaded for a swap of another, and not for its own sake.
        rank: its place in the load order; the one that takes its place in a swap keeps it.
        held: events that wait for it since its process ended, in order.
        busy: seconds spent in exports and timers, exact; those in hooks are sampled by their handlers.
        durations: of those and of what else was called, by the phase.
        called: told the name of each export before it is called, while somebody wants to know.
        faults: counted since it was made.
        config: what it was configured with last.
        health: what it said when it was asked last, and its detail.
        since: Unix time of the last change of ``status``.
        probation_until: Unix time until which what ran before it may come back by itself; 0.0 where nothing may.
    """

    def __init__(self, manifest: Manifest, bundle: Bundle, native: Native, exchange: Exchange) -> None:
        self.manifest: Final = manifest
        self.bundle: Final = bundle
        self.native: Final = native
        self.exchange: Final = exchange
        self.serial: Final = exchange.next_serial()
        self.caller: Final = exchange.gate.caller(manifest)
        self.reach: Final = exchange.gate.reach(self.caller)
        self.ledger: Final = Ledger()
        self.handlers: Final[dict[int, Handler]] = {}
        self.exports: Final[dict[str, Callable[..., Any]]] = {}
        self.directs: Final[dict[str, tuple[int, Direct]]] = {}
        self.quota: Final = Quota(manifest.name, manifest.limits, partial(exchange.log, manifest.name, "warn"))
        self._pace = Pace()
        self.timers: Final = Timers(self._fire, self.ledger.forget, rest=self._pace.rest)
        self.tasks: Final = Tasks(self._go_on, self.ledger.forget, rest=self._pace.rest)
        self.panels: Final = Panels(self.serial, self._call_panel, partial(exchange.panel_changed, manifest.name))
        self.live = False
        self.ready = False
        self.superseded = False
        self.muted: Final[set[int]] = set()
        self.unsaved: Mapping[str, bytes] = {}
        self.along = False
        self.rank = self.serial
        self.held: Final = deque[Waited]()
        self.busy = 0.0
        self._tracer: Final = exchange.tracer
        self.durations: Final[dict[str, Distribution]] = {}
        self.called: Callable[[str], None] | None = None
        self.faults = 0
        self.last_fault = ""
        self.config: Mapping[str, Any] = {}
        self.health: tuple[Health, str] | None = None
        self.status = Status.LOADING
        self.since = time.time()
        self.probation_until = 0.0
        self._entered = 0
        self.needs: Final = self._all_needs()
        self.runtime: Final[ModuleRuntime] = exchange.runtimes.make(
            manifest, self.serial, InstanceRequests(self), partial(exchange.ended, self)
        )
        self.slot: Final = exchange.marker.slot(manifest.name, manifest.version)

    def _all_needs(self) -> frozenset[str]:
        """Names of what it needs, and of what that needs."""
        exchange = self.exchange
        direct = frozenset(self.manifest.dependencies)
        callees = [exchange.staged.get(name) or exchange.serving(name) for name in direct]
        return direct.union(*(callee.needs for callee in callees if callee is not None))

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def version(self) -> str:
        return self.manifest.version

    @property
    def events(self) -> frozenset[str]:
        """What it answers."""
        return frozenset(handler.event for handler in self.handlers.values())

    @property
    def answering(self) -> list[Handler]:
        """Its handlers for what it may listen to, but those that are muted, in the order of their registration."""
        return [
            handler
            for number, handler in self.handlers.items()
            if self.reach.listens(handler.event) and number not in self.muted
        ]

    def in_order(self) -> list[Handler]:
        """Its handlers as they answer, higher priority first."""
        return sorted(self.answering, key=lambda each: (-each.priority, each.order))

    def entered(self) -> None:
        """Note that the entry file has run: what is registered from now on belongs to what ``init`` began."""
        self._entered = self.ledger.next

    def unbegin(self) -> None:
        """Undo what was registered since the entry file ran, after ``cleanup``: ``init`` may be called again."""
        for number in reversed(self.ledger.numbers):
            if number >= self._entered:
                self.ledger.pay(number)

    def step_back(self) -> None:
        """Let another one answer: who waits for this one is told, and what core modules did for it is undone."""
        why = f"cancelled: {self.name} was swapped meanwhile; call it again"
        self.tasks.step_back(why)
        self.native.step_back(why)
        self.caller.leave()

    def turn(self, status: Status) -> None:
        """Change the status."""
        self.status = status
        self.since = time.time()

    @contextmanager
    def entering(self, phase: Phase) -> Iterator[None]:
        """Have the crash marker name this module and phase."""
        cell = self.exchange.marker.cell
        before = cell[0]
        cell[0] = self.mark(phase)
        try:
            yield
        finally:
            cell[0] = before

    def mark(self, phase: Phase) -> int:
        """The number that the crash marker shows for a phase of this instance."""
        return self.slot << 8 | phase

    def make_handler(self, event: str, priority: float, ways: Ways) -> Handler:
        """Make the handler for an event; its number is the ledger's next."""
        runtime, tracer = self.runtime, self._tracer
        number = self.ledger.next
        if tracer is not None:
            of = partial(hooked, tracer, self.name, event)
            begin = begun(tracer, self.name, event, ways.begin) if ways.begin is not None else None
            ways = Ways(of(ways.scalar), of(ways.packed), of(ways.answer), ways.fields, begin)
        return Handler(
            owner=self.name,
            event=event,
            priority=priority if priority == priority else 0.0,  # noqa: PLR0124 - NaN sorts nowhere
            order=number,
            mark=self.mark(Phase.HOOK),
            scalar=ways.scalar,
            packed=ways.packed,
            answer=partial(runtime.answer, ways.answer, event),
            fields=partial(runtime.way_for, ways.fields) if tracer is None else no_way,
            used=runtime.used,
            ceiling=runtime.ceiling,
            full=runtime.full,
            fault=partial(runtime.fault, event),
            unforeseen=runtime.unforeseen,
            begin=ways.begin if self.manifest.tier is not Tier.CORE else None,  # it may act in a caller's name
            needs=self.needs,
            registration=number,
        )

    def direct(self, name: str) -> Direct | None:
        """The native function that an export is."""
        known = self.directs.get(name)
        return known[1] if known else None

    def meter(self, registration: int) -> tuple[int, int]:
        """Calls and faults of one registration."""
        calls, faults = self.runtime.meter(registration)
        for number, direct in self.directs.values():
            if number == registration:
                return calls + direct.calls, faults + direct.faults
        return calls, faults

    def timed(self, phase: Phase, call: Callable[[], T], what: str = "") -> T:
        """Enter it, taking the time; a fault is counted where somebody is to blame, and passed on.

        ``what``: names the call in its span.
        """
        if self._tracer is not None:
            with self._tracer.span(phase.name.lower(), f"{self.name} {what}".rstrip(), self.name):
                return self._timed(phase, call)
        return self._timed(phase, call)

    def _timed(self, phase: Phase, call: Callable[[], T]) -> T:
        start = time.perf_counter()
        try:
            with self.entering(phase):
                return call()
        except ModuleFault as fault:
            blame = blame_of(fault, phase, self.caller, self.exchange.calling)
            if blame is not None:
                self.exchange.faulted(blame.module, fault, asked=blame.asked)
            raise
        finally:
            self._took(phase, time.perf_counter() - start)

    def call_export(self, name: str, argument: Crossing) -> Crossing:
        """Call an export.

        Raises:
            ModuleFault: as the module raised it; counted.
        """
        if self.called is not None:
            self.called(name)
        call = partial(self.runtime.answer, self.exports[name], f"{EXPORT}{name}", *argument)
        return self.timed(Phase.EXPORT, call, name)

    def call_handed(self, function: int, argument: Crossing) -> Crossing:
        """Call a function that this instance handed out."""
        return self.timed(Phase.EXPORT, partial(self.runtime.call_handed, function, argument))

    def begin(self, kind: str, name: str | int, argument: Crossing) -> Crossing | Future[Crossing]:
        """Begin a call that may wait, as a task.

        Args:
            kind: ``export``, ``handed``, ``execute`` or ``text``.
            name: of the export, or number of the function.
            argument: of it.

        Returns:
            What it returned; where it waits, what will be that. To cancel that cancels the task.

        Raises:
            ModuleFault: it raised; counted, but for a text.
        """
        if self.called is not None and kind == "export":
            self.called(str(name))
        phase = _PHASES.get(kind, Phase.EXPORT)
        number = self.ledger.next
        label = f"{EXPORT}{name}" if kind == _EXPORT else _LABELS[kind]
        self.ledger.add("task", label, partial(self.tasks.cancel, number, ENDS))
        context = copy_context()

        def serve() -> Step:
            nonlocal context
            context = copy_context()  # in the span of the call
            return self.runtime.serve(number, label, kind, name, argument)

        try:
            step = self.timed(phase, serve, str(name))
        except BaseException:
            self.ledger.forget(number)
            raise
        answer = self.tasks.take(number, step, label, self.exchange.calling.now, context)
        if isinstance(answer, Crossing):
            self.ledger.forget(number)
        return answer

    @property
    def face(self) -> bytes | None:
        """What of a core module runs in the runtimes of those that need it; most have none."""
        return face_of(self.bundle.files) if self.manifest.tier is Tier.CORE else None

    def face_call(self, name: str, arguments: tuple[Payload, ...], client: Client) -> Crossing | Awaitable[Crossing]:
        """Answer its face in the runtime of another module."""
        return self.native.face_call(name, arguments, client)

    def state(self, *, briefly: bool = False) -> bytes | None:
        """Snapshot of the state; ``None`` where the module keeps none.

        Args:
            briefly: as in a pause, of a large state not all is looked through for what is no plain data.

        Raises:
            ModuleFault: ``getState`` failed, or gave what is no plain data.
        """
        if not self.runtime.has("getState"):
            return None
        with self.entering(Phase.GET_STATE):
            return self.runtime.get_state(briefly=briefly)

    def _call_panel(self, label: str, way: LuaFunction, argument: Crossing) -> None:
        self.timed(Phase.PANEL, partial(self.runtime.answer, way, label, *argument))

    def _took(self, phase: Phase, seconds: float) -> None:
        self.busy += seconds
        kind = phase.name.lower()
        spread = self.durations.get(kind)
        if spread is None:
            spread = self.durations[kind] = Distribution()
        spread.add(seconds)

    def _go_on(self, task: int, wake: Wake, label: str, asking: Asking) -> Step:
        start = time.perf_counter()
        try:
            with self.exchange.calling.as_of(asking):
                phase = Phase.CONSOLE if label == CONSOLE else Phase.TASK
                return self.timed(phase, partial(self.runtime.go_on, task, label, wake), label)
        finally:
            self._pace.spent(time.perf_counter() - start)

    def _fire(self, number: int, fire: Fire) -> None:
        if number in self.muted:
            return
        start = time.perf_counter()
        with self.entering(Phase.TIMER):
            record = self.runtime.fire(fire)
        took = time.perf_counter() - start
        self._took(Phase.TIMER, took)
        self._pace.spent(took)
        if record is not None:
            self.exchange.faulted(self.name, self.runtime.fault("timer", record))
