"""What one module's Lua asks, answered for its instance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from host.discovery.bundle import Bundle, read_asset
from host.discovery.inside import NotInsideError
from host.hooks.dispatch import DEEPEST
from host.hooks.handler import Handler
from host.lifecycle.exchange import Callee
from host.lifecycle.native import Direct, Entered, Native
from host.lifecycle.panels import Panels
from host.lifecycle.spans import answered
from host.lifecycle.task_requests import Tasked, TaskRequests
from host.lifecycle.timers import SHORTEST, Timers
from host.lifecycle.withheld import MOST
from host.runtime.crossing import Binding, Crossing, Ticket, Ways
from host.runtime.faults import printable
from host.trust.caller import Caller
from host.trust.reach import Reach
from host.vocabulary import bugs
from host.vocabulary.errors import EventRefused, HostError, ModuleFault, ModuleUnknown, NestedTooDeep
from host.vocabulary.manifest import Manifest
from host.vocabulary.payload import Payload, Shape
from host.vocabulary.states import Status
from host.vocabulary.tracer import Tracer

T = TypeVar("T")


class Registrant(Tasked, Protocol):
    """An instance, as its own requests see it."""

    live: bool
    rank: int
    status: Status

    @property
    def name(self) -> str: ...
    @property
    def manifest(self) -> Manifest: ...
    @property
    def bundle(self) -> Bundle: ...
    @property
    def serial(self) -> int: ...
    @property
    def handlers(self) -> dict[int, Handler]: ...
    @property
    def exports(self) -> dict[str, Callable[..., Any]]: ...
    @property
    def directs(self) -> dict[str, tuple[int, Direct]]: ...
    @property
    def timers(self) -> Timers: ...
    @property
    def panels(self) -> Panels: ...
    @property
    def slot(self) -> int: ...
    @property
    def native(self) -> Native: ...
    @property
    def caller(self) -> Caller: ...
    @property
    def reach(self) -> Reach: ...
    @property
    def answering(self) -> list[Handler]: ...
    def make_handler(self, event: str, priority: float, ways: Ways) -> Handler: ...


class InstanceRequests(TaskRequests):
    """Implements ``runtime.crossing.Requests``."""

    def __init__(self, instance: Registrant) -> None:
        super().__init__(instance)
        self._instance = instance

    def register(self, event: str, priority: float, ways: Ways) -> int:
        instance = self._instance
        instance.reach.need("listen", event)
        handler = instance.make_handler(event, priority, ways)
        number = instance.ledger.add("hook", event, partial(self._unhook, handler.registration))
        instance.handlers[number] = handler
        self._in_force()
        return number

    def unregister(self, registration: int) -> None:
        self._instance.ledger.pay(registration)

    def export(self, name: str, answer: Callable[..., Any], native: str = "") -> int:
        instance = self._instance
        instance.exports[name] = answer
        if native:
            instance.directs[name] = instance.ledger.next, instance.native.direct(native)
        return instance.ledger.add("export", name, partial(_drop, instance.exports, name))

    def emit(self, event: str, crossing: Crossing) -> Crossing:
        self._instance.quota.take("events")
        self._instance.reach.need("emit", event)
        exchange = self._instance.exchange
        calling = exchange.calling
        if exchange.withheld.open and self._instance.status is Status.LOADING:
            return self._withhold(event, crossing)
        before, awaiting = calling.behalf, calling.awaiting
        calling.behalf, calling.awaiting = calling.by(self._instance.caller), ()
        try:
            delivered, faults = exchange.dispatch.emit(event, *crossing)
        finally:
            calling.behalf, calling.awaiting = before, awaiting
        refused = [str(fault) for fault in faults if isinstance(fault, EventRefused)] if faults else ()
        return Crossing.of(delivered, "; ".join(refused)) if refused else Crossing(None, delivered)

    def _withhold(self, event: str, crossing: Crossing) -> Crossing:
        """Keep an event until its emitter counts; as many answer as would now."""
        exchange = self._instance.exchange
        if exchange.withheld.take(event, crossing, exchange.calling.by(self._instance.caller)):
            return Crossing(None, len(exchange.dispatch.table.of(event)))
        return Crossing.of(0, f"more than {MOST:,} events before it counted; {event} was not emitted")

    def filter(self, event: str, value: Crossing, rest: Crossing) -> Crossing:
        self._instance.quota.take("events")
        self._instance.reach.need("emit", event)
        exchange = self._instance.exchange
        calling = exchange.calling
        before, awaiting = calling.behalf, calling.awaiting
        calling.behalf, calling.awaiting = calling.by(self._instance.caller), ()
        try:
            result, _ = exchange.dispatch.filter(event, value, rest)
        finally:
            calling.behalf, calling.awaiting = before, awaiting
        return Crossing(*result)

    def schedule(self, seconds: float, fire: Callable[[Any], Any], *, repeating: bool) -> int | None:
        instance = self._instance
        beat = 1 / max(seconds, SHORTEST) if repeating else 0.0
        instance.quota.take("timers", standing=instance.timers.beats + beat)
        number = instance.ledger.next
        if not instance.timers.add(number, seconds, fire, repeating=repeating):
            instance.quota.hit("timers")
            return None
        label = f"every {seconds:g} s" if repeating else f"after {seconds:g} s"
        return instance.ledger.add("timer", label, partial(instance.timers.cancel, number))

    def cancel(self, registration: int) -> bool:
        if self._instance.live:  # what it closes as it goes is taken up by the one after it
            self._instance.panels.forget(registration)
        return self._instance.ledger.pay(registration)

    def show_panel(self, declared: bytes, answer: Callable[..., Any]) -> int:
        panels, ledger = self._instance.panels, self._instance.ledger
        number = ledger.next
        name = panels.show(number, declared, answer)
        return ledger.add("panel", name, partial(panels.close, number))

    def update_panel(self, panel: int, changes: bytes) -> None:
        self._instance.panels.update(panel, changes)

    def panel_value(self, panel: int, widget: str) -> Crossing:
        return self._instance.panels.value(panel, widget)

    def log(self, level: str, text: str) -> None:
        """Write a line, of a core module in the name of whoever it works for."""
        instance = self._instance
        instance.quota.take("log")
        speaker = instance.exchange.calling.by(instance.caller).name
        instance.exchange.log(speaker, level, printable(text))

    def limited(self, limit: str) -> None:
        """Count a limit that the runtime itself holds and that ended no call."""
        self._instance.quota.hit(limit)

    def bug(self, request: str, error: Exception) -> None:
        """Log a fault of the host in answering a request."""
        self._told("error", bugs.told(f"answering {request}", error))

    def dependency(self, name: str) -> str | None:
        requirement = self._instance.manifest.dependencies.get(name)
        if requirement is None:
            return None
        return "absent" if requirement.optional and self._callee(name) is None else "declared"

    def has_export(self, owner: str, name: str) -> bool:
        self._refuse_undeclared(owner)
        callee = self._callee(owner)
        return callee is not None and name in callee.exports

    def bind(self, owner: str, name: str) -> Binding | None:
        instance, exchange = self._instance, self._instance.exchange
        callee = self._callee(owner)
        if instance.status is Status.LOADING or callee is None or callee.status is not Status.ACTIVE:
            return None

        serving, active = exchange.serving, Status.ACTIVE

        def stands() -> bool:
            return callee.status is active and serving(owner) is callee

        direct = callee.direct(name)
        if direct is None:
            return Binding(stands, None)
        asking, calling, bare = instance.caller, exchange.calling, direct.bare
        enter: Callable[[Crossing, Caller], Crossing | Awaitable[Crossing]] = direct.enter
        free, core = instance.reach.free, asking.core
        tracer = exchange.tracer
        if tracer is not None:
            bare, enter = None, partial(_traced, tracer, name, owner, direct.enter)

        def call(shape: Shape, payload: Payload) -> tuple[Shape, Payload] | Ticket | None:  # hot
            if callee.status is not active or serving(owner) is not callee or not free("call"):
                return None
            direct.calls += 1
            caller = calling.by(asking) if core else asking
            if direct.heard is not None:
                direct.heard(caller)
            try:
                if bare is not None:
                    return bare(caller, shape, payload)
                answer = enter(Crossing(shape, payload), caller)
            except Exception as error:  # noqa: BLE001 - a module's code, which Lua's pcall would be handed as an object
                return direct.failed(error)
            return answer if type(answer) is Crossing else self._ticket(answer)

        return Binding(stands, call, brief=bare is not None)

    def call_export(self, owner: str, name: str, crossing: Crossing) -> Crossing:
        callee = self._exporting(owner, name)
        return self._nested(callee, partial(callee.call_export, name, crossing))

    def call_handed(self, serial: int, function: int, crossing: Crossing) -> Crossing:
        owner = self._handing(serial)
        return self._nested(owner, partial(owner.call_handed, function, crossing))

    def begin_export(self, owner: str, name: str, crossing: Crossing) -> Crossing | Ticket:
        return self._ticket(self.ask_export(owner, name, crossing))

    def begin_handed(self, serial: int, function: int, crossing: Crossing) -> Crossing | Ticket:
        owner = self._handing(serial)
        return self._ticket(self._nested(owner, partial(owner.begin, "handed", function, crossing)))

    def native(self, name: str, crossing: Crossing) -> Crossing | Ticket:
        instance = self._instance
        return self._ticket(instance.native.call(name, crossing, instance.exchange.calling.by(instance.caller)))

    def face(self, owner: str) -> bytes | None:
        callee = self._callee(owner)
        return None if callee is None else callee.face

    def face_call(self, owner: str, name: str, arguments: tuple[Payload, ...]) -> Crossing | Ticket:
        callee = self._callee(owner)
        if callee is None:
            raise ModuleUnknown(owner, loaded=True)
        reach = self._instance.reach
        if not reach.free("call"):
            reach.need("call", f"{owner}.{name}")
        self._refuse_swapping(callee)
        tracer = self._instance.exchange.tracer
        if tracer is None:
            return self._ticket(callee.face_call(name, arguments, self))
        return self._ticket(answered(tracer, name, owner, lambda: callee.face_call(name, arguments, self)))

    @property
    def caller(self) -> Caller:
        return self._instance.caller

    @property
    def files(self) -> Mapping[str, bytes]:
        """Of the module, by path."""
        return self._instance.bundle.files

    def at_work(self, jobs: int) -> None:
        """Have the crash marker say how many jobs of the module run now; from any thread."""
        self._instance.exchange.marker.jobs(self._instance.slot, jobs)

    def faulted(self, fault: ModuleFault) -> None:
        """Count and tell a fault of a job of the module."""
        self._instance.exchange.faulted(self._instance.name, fault)

    def ask_export(self, owner: str, name: str, crossing: Crossing) -> Crossing | Awaitable[Crossing]:
        """Begin a call of an export in the name of the module; its answer, or what will be that."""
        callee = self._exporting(owner, name)
        return self._nested(callee, partial(callee.begin, "export", name, crossing))

    def _refuse_undeclared(self, owner: str) -> None:
        """Look again where what asks is a process, which may say anything."""
        if owner not in self._instance.manifest.dependencies:
            raise HostError(f"{self._instance.name} declares no dependency {printable(owner)!r}")

    def _exporting(self, owner: str, name: str) -> Callee:
        self._refuse_undeclared(owner)
        callee = self._callee(owner)
        if callee is None:
            raise ModuleUnknown(owner, loaded=True)
        if name not in callee.exports:
            raise HostError(f"{owner} {callee.version} exports no {name!r}")
        if callee.status is Status.LOADING and not callee.ready:
            raise HostError(f"{owner} {callee.version} is being swapped in too and has not begun; call it from init on")
        self._instance.reach.need("call", f"{owner}.{name}")
        return callee

    def _handing(self, serial: int) -> Callee:
        owner = self._instance.exchange.by_serial(serial)
        if owner is None:
            departed = self._instance.exchange.departed(serial)
            raise HostError(f"the function that was called was handed out by {departed}; ask for a new one")
        return owner

    def source(self, path: str) -> bytes | None:
        bundle = self._instance.bundle
        if path in bundle.left_out:
            raise HostError(f"{path} {bundle.left_out[path]}")
        return bundle.files.get(path)

    def asset(self, path: str) -> bytes:
        try:
            return read_asset(self._instance.manifest.folder, path)
        except NotInsideError as refusal:
            raise HostError(f"asset {path!r} {refusal}") from None

    def _told(self, level: str, text: str) -> None:
        self._instance.exchange.log(self._instance.name, level, printable(text))

    def _callee(self, name: str) -> Callee | None:
        """Whoever answers this instance: as long as it is staged itself, what is staged with it; else who serves."""
        exchange = self._instance.exchange
        staged = exchange.staged.get(name) if self._instance.status is Status.LOADING else None
        return staged or exchange.serving(name)

    def _nested(self, owner: Callee, call: Callable[[], T]) -> T:
        self._refuse_swapping(owner)
        dispatch, calling = self._instance.exchange.dispatch, self._instance.exchange.calling
        if dispatch.depth >= DEEPEST:
            raise NestedTooDeep(DEEPEST)
        dispatch.depth += 1
        asking, before, awaiting = self._instance.caller, calling.behalf, calling.awaiting
        calling.behalf, calling.awaiting = calling.by(asking), (*awaiting, asking)
        try:
            return call()
        finally:
            calling.behalf, calling.awaiting = before, awaiting
            dispatch.depth -= 1

    @staticmethod
    def _refuse_swapping(owner: Callee) -> None:
        if owner.status is Status.SWAPPING:
            raise HostError(f"{owner.name} is being swapped, and the swap waits for this very call; call it afterwards")

    def _unhook(self, registration: int) -> None:
        del self._instance.handlers[registration]
        self._in_force()

    def _in_force(self) -> None:
        """While the instance runs, what it registers counts at once."""
        instance = self._instance
        if instance.live:
            dispatch = instance.exchange.dispatch
            dispatch.table = dispatch.table.replacing(instance.name, instance.answering, instance.rank)


def _traced(
    tracer: Tracer, name: str, owner: str, enter: Entered, argument: Crossing, caller: Caller
) -> Crossing | Awaitable[Crossing]:
    return answered(tracer, name, owner, lambda: enter(argument, caller))


def _drop(exports: dict[str, Callable[..., Any]], name: str) -> None:
    exports.pop(name, None)
