"""A module's surroundings in memory: answers what its Lua asks, and calls what it registered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from host.hooks.dispatch import Dispatch
from host.hooks.handler import Handler
from host.runtime.codec import decode
from host.runtime.crossing import Crossing, LuaFunction, Ticket, Ways
from host.runtime.inprocess import Runtime
from host.vocabulary.errors import HostError, ModuleFault
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import MIB, Limits
from host.vocabulary.payload import Payload

NAME = "m"


class Surroundings:
    """What one module asks for, and where it is answered; ``others`` by name and ``by_serial`` are shared.

    Attributes:
        hooks: event, priority and ways by number.
        emitted: what the module emitted, as plain data.
        lines: what it logged: level and text.
        bugs: faults of the host in answering: the request and the error.
        limits_met: limits that ended no call, by name.
        panels: what it declared, and the way to the handlers, by number; ``changes`` of them, in order.
        missing: optional dependencies that are not loaded.
        tickets: what its tasks wait for, by number: ``sleep`` and seconds, ``join`` and a task.
        cancelled: tasks that it cancelled.
    """

    def __init__(self, files: dict[str, bytes], others: dict[str, Module]) -> None:
        self.files, self.others = files, others
        self.hooks: dict[int, tuple[str, float, Ways]] = {}
        self.exports: dict[str, LuaFunction] = {}
        self.timers: dict[int, tuple[float, LuaFunction, bool]] = {}
        self.assets: dict[str, bytes] = {}
        self.emitted: list[tuple[Any, ...]] = []
        self.lines: list[tuple[str, str]] = []
        self.bugs: list[tuple[str, Exception]] = []
        self.limits_met: list[str] = []
        self.panels: dict[int, tuple[Any, LuaFunction]] = {}
        self.changes: list[tuple[int, Any]] = []
        self.missing: set[str] = set()
        self.natives: dict[str, Callable[..., Any]] = {}
        self.tickets: dict[int, tuple[str, float]] = {}
        self.cancelled: list[int] = []
        self._last = 0

    def _number(self) -> int:
        self._last += 1
        return self._last

    def register(self, event: str, priority: float, ways: Ways) -> int:
        number = self._number()
        self.hooks[number] = (event, priority, ways)
        return number

    def unregister(self, registration: int) -> None:
        self.hooks.pop(registration, None)

    def export(self, name: str, answer: LuaFunction, native: str = "") -> int:
        del native
        self.exports[name] = answer
        return self._number()

    def emit(self, event: str, crossing: Crossing) -> Crossing:
        self.emitted.append((event, crossing))
        return Crossing(None, sum(module.tell(event, crossing) for module in list(self.others.values())))

    def filter(self, event: str, value: Crossing, rest: Crossing) -> Crossing:
        for module in self.others.values():
            for known, _, ways in list(module.around.hooks.values()):
                if known == event:
                    value = module.runtime.answer(ways.answer, event, *value, *rest)
        return value

    def schedule(self, seconds: float, fire: Callable[[Payload], Any], *, repeating: bool) -> int | None:
        if len(self.timers) >= 10:
            return None
        number = self._number()
        self.timers[number] = (seconds, fire, repeating)
        return number

    def cancel(self, registration: int) -> bool:
        return self.timers.pop(registration, None) is not None

    def show_panel(self, declared: bytes, answer: LuaFunction) -> int:
        number = self._number()
        self.panels[number] = (decode(declared), answer)
        return number

    def update_panel(self, panel: int, changes: bytes) -> None:
        self.changes.append((panel, decode(changes)))

    def panel_value(self, panel: int, widget: str) -> Crossing:
        return Crossing.of(f"{widget} of {panel}")

    def log(self, level: str, text: str) -> None:
        self.lines.append((level, text))

    def bug(self, request: str, error: Exception) -> None:
        self.bugs.append((request, error))

    def limited(self, limit: str) -> None:
        self.limits_met.append(limit)

    def dependency(self, name: str) -> str | None:
        if name in self.missing:
            return "absent"
        return "declared" if name in self.others else None

    def bind(self, owner: str, name: str) -> None:
        """Nothing: each export is asked for."""

    def face(self, owner: str) -> None:
        """Nothing: no other module has one."""

    def face_call(self, owner: str, name: str, arguments: tuple[Payload, ...]) -> Crossing:
        raise HostError(f"{owner} has no face that could ask for {name}{arguments}")

    def has_export(self, owner: str, name: str) -> bool:
        return owner in self.others and name in self.others[owner].around.exports

    def call_export(self, owner: str, name: str, crossing: Crossing) -> Crossing:
        if owner not in self.others:
            raise HostError(f"{owner} is not loaded")
        module = self.others[owner]
        return module.runtime.answer(module.around.exports[name], f"export {name}", *crossing)

    def call_handed(self, serial: int, function: int, crossing: Crossing) -> Crossing:
        for module in self.others.values():
            if module.serial == serial:
                return module.runtime.call_handed(function, crossing)
        raise HostError("the function belongs to a module that is gone")

    def begin_export(self, owner: str, name: str, crossing: Crossing) -> Crossing:
        return self.call_export(owner, name, crossing)

    def begin_handed(self, serial: int, function: int, crossing: Crossing) -> Crossing:
        return self.call_handed(serial, function, crossing)

    def begin_task(self) -> int | None:
        return self._number()

    def cancel_task(self, task: int) -> None:
        self.cancelled.append(task)

    def join(self, task: int) -> Ticket:
        return self._ticket(("join", task))

    def sleep(self, seconds: float) -> Ticket:
        return self._ticket(("sleep", seconds))

    def forget(self, ticket: int) -> None:
        del self.tickets[ticket]

    def _ticket(self, what: tuple[str, float]) -> Ticket:
        number = self._number()
        self.tickets[number] = what
        return Ticket(number)

    def native(self, name: str, crossing: Crossing) -> Crossing:
        return Crossing.of(self.natives[name](*crossing.values()))

    def source(self, path: str) -> bytes | None:
        return self.files.get(path)

    def asset(self, path: str) -> bytes:
        if path not in self.assets:
            raise HostError(f"asset {path!r} is not there")
        return self.assets[path]


class Module:
    """A module whose entry file has run, and its surroundings."""

    def __init__(
        self,
        code: str | bytes,
        *,
        name: str = NAME,
        memory: int = 4 * MIB,
        call: float = 0.05,
        others: dict[str, Module] | None = None,
        **files: str,
    ) -> None:
        """Start one; ``files`` by path, ``__`` for ``/``, without ``.lua``."""
        others = {} if others is None else others
        sources = {f"{path.replace('__', '/')}.lua": text.encode() for path, text in files.items()}
        sources["init.lua"] = code.encode() if isinstance(code, str) else code
        self.around = Surroundings(sources, others)
        self.serial = len(others) + 1
        self.faults: list[ModuleFault] = []
        self._dispatch = Dispatch(memoryview(bytearray(8)).cast("Q"), lambda _handler, fault: self.faults.append(fault))
        self.name = name
        self.runtime = Runtime(ModuleKey(name, "1.0.0"), self.serial, Limits(memory=memory, call=call), self.around)
        others[name] = self
        self.runtime.start("init.lua")

    def tell(self, event: str, crossing: Crossing) -> int:
        """Deliver an event to its handlers alone; how many answered without a fault. ``faults`` has the others."""
        handlers = [self._handler(number) for number in self.around.hooks]
        self._dispatch.table = self._dispatch.table.replacing(self.name, handlers)
        return self._dispatch.emit(event, *crossing)[0]

    def _handler(self, number: int) -> Handler:
        event, priority, ways = self.around.hooks[number]
        return Handler(
            owner=self.name,
            event=event,
            priority=priority,
            order=number,
            mark=1,
            scalar=ways.scalar,
            packed=ways.packed,
            answer=partial(self.runtime.answer, ways.answer, event),
            used=self.runtime.used,
            ceiling=self.runtime.ceiling,
            full=self.runtime.full,
            fault=partial(self.runtime.fault, event),
            registration=number,
            unforeseen=self.runtime.unforeseen,
        )

    def call(self, *values: Any) -> Any:
        """Call its export ``f``; plain data in and out."""
        return self.runtime.answer(self.around.exports["f"], "export f", *Crossing.of(*values)).value()


def doing(code: str, **options: Any) -> Module:
    """A module whose export ``f`` runs some code, with ``self``, and its arguments as ``...``."""
    return Module(f"local self = {{}}\nself.exports = {{ f = function(...)\n{code}\nend }}\nreturn self", **options)


def answer(code: str, *values: Any, **options: Any) -> Any:
    """What the code returns."""
    return doing(code, **options).call(*values)
