"""Inside the process of a module: its runtime, and what its Lua asks, which the engine answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, NoReturn, cast

from host.runtime.crossing import Crossing, LuaFunction, Step, Ticket, Ways
from host.runtime.inprocess import SMALL, Runtime
from host.runtime.isolated import messages
from host.runtime.isolated.channel import Channel
from host.runtime.isolated.messages import Begin, Call, Done, Failed, Heard, Told
from host.vocabulary.errors import HostError, ModuleFault, NestedTooDeep, NotShown, PermissionDenied, RateExceeded
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Limits
from host.vocabulary.payload import FaultRecord, Payload, Shape


class _Carried(ModuleFault):
    """A fault as Lua told it; the engine makes the sentence."""

    record: FaultRecord = ()


class _Said(HostError):
    """Says what the engine said."""

    def __init__(self, sentence: str) -> None:
        Exception.__init__(self, sentence)

    def __str__(self) -> str:
        return str(self.args[0])


class _TooOften(_Said, RateExceeded):
    """In these words."""


class _TooDeep(_Said, NestedTooDeep):
    """In these words."""


class _Denied(_Said, PermissionDenied):
    """In these words."""


class _NotShown(_Said, NotShown):
    """In these words."""


_REFUSALS: Final[dict[str, Callable[[str], HostError]]] = {
    "rate": _TooOften,
    "nesting": _TooDeep,
    "permission": _Denied,
    "panel": _NotShown,
}


class _Runtime(Runtime):
    """Tells its faults as they are."""

    def fault(self, hook: str, record: FaultRecord) -> ModuleFault:
        carried = _Carried("", hook, "")
        carried.record = record
        return carried


class Served:
    """A runtime, and the conversation about it; implements ``runtime.crossing.Requests``."""

    def __init__(self, channel: Channel, begin: Begin) -> None:
        self._channel = channel
        self._ways: dict[int, Ways] = {}
        self._answers: dict[int, LuaFunction] = {}
        self._last = 0
        limits = Limits(
            memory=begin.memory,
            call=begin.call,
            crossing=begin.crossing,
            entries=begin.entries,
            depth=begin.depth,
        )
        self._runtime = _Runtime(ModuleKey(begin.name, begin.version), begin.serial, limits, self, watched=False)
        runtime = self._runtime
        self._does: dict[str, Callable[..., Any]] = {
            "answer": self._answer,
            "ask": lambda hook, *argument: runtime.ask(hook, Crossing(*argument)),
            "call_handed": lambda _, function, *argument: runtime.call_handed(function, Crossing(*argument)),
            "check": lambda _, path: runtime.check(path.decode()),
            "fire": self._fire,
            "complete": lambda _, text: runtime.complete(text),
            "go_on": lambda hook, task, *wake: _stepped(runtime.go_on(task, hook, wake)),
            "get_state": lambda _: runtime.get_state(),
            "lifecycle": lambda hook, *argument: runtime.lifecycle(hook, Crossing(*argument)),
            "migrate": lambda _, version: runtime.migrate(version.decode()),
            "offer": lambda _, *names: runtime.offer(tuple(name.decode() for name in names), ""),
            "receive": lambda _, state: runtime.receive(state),
            "sample": lambda _, on: runtime.sample(on=bool(on)),
            "serve": self._serve,
            "set_state": lambda _: runtime.set_state(),
            "start": self._start,
            "tell": self._tell,
        }

    def serve(self) -> NoReturn:
        """Do what is called for until the other end is gone, which is this process's end."""
        self._say(Done(0, 0, ()))
        while True:
            match self._hear():
                case Call() as call:
                    self._do(call)
                case Told():  # the engine's mistake: nothing was asked
                    os._exit(1)

    def _hear(self) -> Heard:
        try:
            heard: Heard = messages.heard_of(self._channel.next())
        except EOFError:
            os._exit(0)
        return heard

    def _say(self, said: messages.Said) -> None:
        try:
            self._channel.send(messages.encode(said))
        except OSError:  # the engine is gone
            os._exit(0)

    def _do(self, call: Call) -> None:
        for way in call.forgotten:
            self._ways.pop(way, None)
            self._answers.pop(way, None)
        try:
            result = self._does[call.do](call.hook, *call.arguments)
        except _Carried as fault:
            self._fail(call.number, fault.record)
        except HostError as refusal:
            self._fail(call.number, (b"error", str(refusal).encode()))
        except MemoryError:  # of this process; what the module's own limit says is a fault above
            os._exit(messages.OUT_OF_MEMORY)
        except Exception as mistake:  # noqa: BLE001 - the host's own, told where somebody reads it
            self.bug(call.do, mistake)
            self._fail(call.number, (b"error", b"the host made a mistake; its log says more"))
        else:
            values = result if isinstance(result, tuple) else (result,)
            self._say(Done(call.number, self._runtime.memory, _sendable(values)))

    def _fail(self, number: int, record: FaultRecord) -> None:
        kind, message, traceback, file, line = (*record, None, None, None, None)[:5]
        self._say(
            Failed(
                number,
                self._runtime.memory,
                kind.decode(),
                _short(message) or b"",
                _short(traceback),
                _short(file),
                int(line) if line and line > 0 else None,
            )
        )

    # -- what is done ------------------------------------------------------------------------------------------------

    def _start(self, _hook: str, entry: bytes) -> tuple[bytes, ...]:
        self._runtime.start(entry.decode())
        return tuple(sorted(name.encode() for name in self._runtime.members))

    def _serve(self, hook: str, task: int, kind: bytes, name: bytes | int, *argument: Payload) -> tuple[Payload, ...]:
        named = name.decode() if isinstance(name, bytes) else name
        return _stepped(self._runtime.serve(task, hook, kind.decode(), named, _crossing(argument)))

    def _tell(self, hook: str, way: int, shape: Shape, payload: Payload) -> None:
        """Deliver one event to one handler."""
        runtime, ways = self._runtime, self._ways[way]
        size = len(payload) if isinstance(payload, bytes) else 0
        if size > SMALL or runtime.used() > runtime.ceiling:
            runtime.answer(ways.answer, hook, shape, payload)  # which makes room, or refuses
            return
        try:
            record = ways.scalar(payload) if shape is None else ways.packed(cast("bytes", payload), shape)
        except Exception as error:  # noqa: BLE001 - here Lua is called; what is not of Lua is raised again
            record = runtime.unforeseen(error)
        if record is not None:
            raise runtime.fault(hook, record)

    def _fire(self, hook: str, way: int) -> None:
        record = self._runtime.fire(self._ways[way].scalar)
        if record is not None:
            raise self._runtime.fault(hook, record)

    def _answer(self, hook: str, way: int, *arguments: Payload) -> Crossing:
        return self._runtime.answer(self._answers[way], hook, *arguments)

    # -- what Lua asks -----------------------------------------------------------------------------------------------

    def _ask(self, ask: messages.Ask) -> tuple[Payload, ...]:
        self._say(ask)
        while True:
            match self._hear():
                case Call() as call:
                    self._do(call)
                case Told(values=values, refusal=None):
                    return values
                case Told(refusal=refusal, limit=limit):
                    raise _REFUSALS.get(limit, HostError)(refusal or "")

    def _next(self) -> int:
        self._last += 1
        return self._last

    def register(self, event: str, priority: float, ways: Ways) -> int:
        way = self._next()
        number = cast("int", self._ask(messages.Register(way, event, priority))[0])
        self._ways[way] = ways
        self._answers[way] = ways.answer
        return number

    def unregister(self, registration: int) -> None:
        self._ask(messages.Unregister(registration))

    def export(self, name: str, answer: LuaFunction, native: str = "") -> int:
        del native  # whoever calls from outside this process has to come in
        way = self._next()
        number = cast("int", self._ask(messages.Export(way, name))[0])
        self._answers[way] = answer
        return number

    def schedule(self, seconds: float, fire: Callable[[Payload], FaultRecord | None], *, repeating: bool) -> int | None:
        way = self._next()
        number = cast("int | None", self._ask(messages.Schedule(way, seconds, repeating))[0])
        if number is not None:
            self._ways[way] = Ways(fire, _no_way, _no_way, _no_way)
        return number

    def cancel(self, registration: int) -> bool:
        return bool(self._ask(messages.Cancel(registration))[0])

    def show_panel(self, declared: bytes, answer: LuaFunction) -> int:
        way = self._next()
        number = cast("int", self._ask(messages.ShowPanel(way, declared))[0])
        self._answers[way] = answer
        return number

    def update_panel(self, panel: int, changes: bytes) -> None:
        self._ask(messages.UpdatePanel(panel, changes))

    def panel_value(self, panel: int, widget: str) -> Crossing:
        return _crossing(self._ask(messages.PanelValue(panel, widget[: messages.LONGEST_PATH])))

    def emit(self, event: str, crossing: Crossing) -> Crossing:
        return _crossing(self._ask(messages.Emit(event, *crossing)))

    def filter(self, event: str, value: Crossing, rest: Crossing) -> Crossing:
        return _crossing(self._ask(messages.Filter(event, *value, *rest)))

    def log(self, level: str, text: str) -> None:
        self._ask(messages.Log(level, text[: messages.LONGEST_TEXT]))

    def bug(self, request: str, error: Exception) -> None:
        self._say(messages.Bug(request, f"{type(error).__name__}: {error}"[: messages.LONGEST_TEXT]))

    def limited(self, limit: str) -> None:
        self._say(messages.Limited(cast("messages.Limit", limit)))

    def dependency(self, name: str) -> str | None:
        state = cast("bytes | None", self._ask(messages.Dependency(name[: messages.LONGEST_PATH]))[0])
        return None if state is None else state.decode()

    def has_export(self, owner: str, name: str) -> bool:
        return bool(self._ask(messages.HasExport(owner, name[: messages.LONGEST_PATH]))[0])

    def bind(self, owner: str, name: str) -> None:
        """Nothing: what answers is in another process."""

    def call_export(self, owner: str, name: str, crossing: Crossing) -> Crossing:
        return _crossing(self._ask(messages.CallExport(owner, name[: messages.LONGEST_PATH], *crossing)))

    def call_handed(self, serial: int, function: int, crossing: Crossing) -> Crossing:
        return _crossing(self._ask(messages.CallHanded(serial, function, *crossing)))

    def native(self, name: str, crossing: Crossing) -> Crossing | Ticket:
        return _awaited(self._ask(messages.Native(name, *crossing)))

    def face(self, owner: str) -> None:
        """None: what a face freezes is compiled, and nothing compiled leaves this process."""

    def face_call(self, owner: str, name: str, arguments: tuple[Payload, ...]) -> NoReturn:
        del arguments
        raise HostError(f"{owner}.{name} is for modules in the engine's process, and this one has a process of its own")

    def begin_export(self, owner: str, name: str, crossing: Crossing) -> Crossing | Ticket:
        return _awaited(self._ask(messages.BeginExport(owner, name[: messages.LONGEST_PATH], *crossing)))

    def begin_handed(self, serial: int, function: int, crossing: Crossing) -> Crossing | Ticket:
        return _awaited(self._ask(messages.BeginHanded(serial, function, *crossing)))

    def begin_task(self) -> int | None:
        return cast("int | None", self._ask(messages.BeginTask())[0])

    def cancel_task(self, task: int) -> None:
        self._ask(messages.CancelTask(task))

    def join(self, task: int) -> Ticket:
        return Ticket(cast("int", self._ask(messages.Join(task))[0]))

    def sleep(self, seconds: float) -> Ticket:
        return Ticket(cast("int", self._ask(messages.Sleep(seconds))[0]))

    def forget(self, ticket: int) -> None:
        self._ask(messages.Forget(ticket))

    def source(self, path: str) -> bytes | None:
        return cast("bytes | None", self._ask(messages.Source(path[: messages.LONGEST_PATH]))[0])

    def asset(self, path: str) -> bytes:
        return cast("bytes", self._ask(messages.Asset(path[: messages.LONGEST_PATH]))[0])


def _awaited(values: tuple[Payload, ...]) -> Crossing | Ticket:
    return _crossing(values) if len(values) > 1 else Ticket(cast("int", values[0]))


def _stepped(step: Step) -> tuple[Payload, ...]:
    """How a task gave control back: what it returned, the ticket that it waits for, or nothing."""
    if isinstance(step, Crossing):
        return tuple(step)
    return () if step is None else (int(step),)


def _crossing(values: tuple[Payload, ...]) -> Crossing:
    shape, payload = values
    return Crossing(cast("Shape", shape), payload)


def _short(text: Any) -> bytes | None:  # noqa: ANN401 - as Lua gave it
    return text[: messages.LONGEST_TEXT] if isinstance(text, bytes) else None


def _sendable(values: tuple[Any, ...]) -> tuple[Payload, ...]:
    return tuple(value.encode("utf-8", "replace") if isinstance(value, str) else value for value in values)


def _no_way(*_arguments: Payload) -> NoReturn:
    raise HostError("a timer is only fired")
