"""What the process of a module asks, answered by the engine as it answers a runtime of its own.

Whatever is asked may be a lie: names and numbers are checked as messages, values and references to functions here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol
from weakref import WeakValueDictionary

from host.runtime.crossing import Crossing, Requests, Step, Ticket, Ways
from host.runtime.isolated import messages
from host.runtime.isolated.customs import Customs, Known, UnsoundError
from host.runtime.isolated.messages import Ask, Told
from host.vocabulary.errors import HostError, NestedTooDeep, NotShown, PermissionDenied, RateExceeded
from host.vocabulary.payload import FaultRecord, Payload, Shape

MOST_REGISTERED: Final = 3000
"""Hooks, exports and timers at once: as many of each as a module's own side lets it have."""
MOST_BUGS: Final = 20
"""Mistakes of the host that a process may tell of, or bring about, for the log."""
MOST_TICKETS: Final = 20_000
"""That a process may hold at once: each of its tasks waits for one."""

_LIMITS: Final[dict[type[HostError], str]] = {
    RateExceeded: "rate",
    NestedTooDeep: "nesting",
    PermissionDenied: "permission",
    NotShown: "panel",
}
_LEVELS: Final = frozenset({"debug", "info", "warn", "error"})


class Way(Protocol):
    """The way into one function of the process's, which goes with whatever was registered."""

    @property
    def ways(self) -> Ways: ...
    def tell(self, payload: Payload, shape: Shape = None) -> FaultRecord | None: ...
    def answer(self, hook: str, *arguments: Payload) -> Crossing: ...


class Answers:
    """Answers one process."""

    def __init__(self, requests: Requests, customs: Customs, known: Known, way: Callable[[int], Way]) -> None:
        """Prepare.

        Args:
            requests: what answers.
            customs: looks into values.
            known: the functions that the module may call.
            way: makes the way into the function that the process calls by a number.
        """
        self._listening: Requests | None = requests
        self._customs: Final = customs
        self._known: Final = known
        self._way = way
        self._tickets: set[int] = set()
        self._bugs = 0
        self.registered: Final[WeakValueDictionary[int, Way]] = WeakValueDictionary()

    def answer(self, ask: Ask) -> Told:
        """Answer; what is refused is a sentence, as it would be told to Lua in this process.

        Raises:
            UnsoundError: it is no honest question.
        """
        try:
            return Told(self._values(ask))
        except HostError as refusal:
            return Told(refusal=str(refusal), limit=_LIMITS.get(type(refusal), ""))
        except UnsoundError:
            raise
        except Exception as mistake:  # noqa: BLE001 - the host's own; the module's process is not to pay for it
            self._bugs += 1
            if self._bugs <= MOST_BUGS:
                self._requests.bug(type(ask).__name__, mistake)
            return Told(refusal=f"the host made a mistake ({type(mistake).__name__}); its log says more")

    def note(self, note: messages.Note) -> None:
        """Take in what wants no answer."""
        match note:
            case messages.Limited(limit):
                self._requests.limited(limit)
            case messages.Bug(request, error):
                self._bugs += 1
                if self._bugs > MOST_BUGS:
                    raise UnsoundError
                self._requests.bug(request, RuntimeError(error))

    def crossing(self, shape: Shape, payload: Payload) -> Crossing:
        """Let values in; a module refers to its own functions, and to those that it was handed.

        Raises:
            UnsoundError: they are not what they are said to be.
        """
        for reference in self._customs.references(shape, payload):
            if not self._known.has(reference):
                raise UnsoundError
        return Crossing(shape, payload)

    def data(self, payload: Payload) -> bytes:
        """Let one value in that is to be plain data.

        Raises:
            UnsoundError: it is none, as what has functions in it, or tables for keys.
        """
        if not isinstance(payload, bytes) or self._customs.references(-2, payload):
            raise UnsoundError
        return payload

    def handed(self, crossing: Crossing) -> Crossing:
        """Note the functions among values that the module is handed."""
        if crossing.shape is not None and crossing.shape < 0:
            self._known.learn(self._customs.references(*crossing))
        return crossing

    def close(self) -> None:
        """Answer nothing more."""
        self._listening = None

    @property
    def _requests(self) -> Requests:
        if self._listening is None:
            raise HostError("the module is unloaded")
        return self._listening

    def step(self, values: tuple[Payload, ...]) -> Step:
        """How a task gave control back, as its process says it.

        Raises:
            UnsoundError: it waits for what it was given no ticket for, or returned what cannot be read.
        """
        match values:
            case ():
                return None
            case (int() as ticket,) if ticket in self._tickets:
                self._tickets.discard(ticket)
                return Ticket(ticket)
            case (None | int() as shape, payload):
                return self.crossing(shape, payload)
        raise UnsoundError

    def _values(self, ask: Ask) -> tuple[Payload, ...]:
        match ask:
            case messages.Emit() | messages.Filter() | messages.CallExport() | messages.CallHanded():
                return self._of_others(ask)
            case messages.BeginExport() | messages.BeginHanded() | messages.Native():
                return self._awaited(self._may_wait(ask))
            case messages.BeginTask() | messages.CancelTask() | messages.Join() | messages.Sleep() | messages.Forget():
                return self._of_tasks(ask)
            case messages.Unregister() | messages.Cancel():
                return self._undone(ask)
            case messages.Register() | messages.Export() | messages.Schedule() | messages.ShowPanel():
                return self._registered(ask)
            case messages.UpdatePanel(panel, changes):
                self._requests.update_panel(panel, changes)
                return ()
            case messages.PanelValue(panel, widget):
                return self._requests.panel_value(panel, widget)
            case _:
                return self._looked_up(ask)

    def _of_others(
        self, ask: messages.Emit | messages.Filter | messages.CallExport | messages.CallHanded
    ) -> tuple[Payload, ...]:
        requests, crossing = self._requests, self.crossing
        match ask:
            case messages.Emit(event, shape, payload):
                return requests.emit(event, crossing(shape, payload))
            case messages.Filter(event, shape, payload, rest_shape, rest):
                return self.handed(requests.filter(event, crossing(shape, payload), crossing(rest_shape, rest)))
            case messages.CallExport(owner, name, shape, payload):
                return self.handed(requests.call_export(owner, name, crossing(shape, payload)))
            case messages.CallHanded(serial, function, shape, payload):
                self._refuse_unknown(serial, function)
                return self.handed(requests.call_handed(serial, function, crossing(shape, payload)))

    def _may_wait(self, ask: messages.BeginExport | messages.BeginHanded | messages.Native) -> Crossing | Ticket:
        requests, crossing = self._requests, self.crossing
        match ask:
            case messages.BeginExport(owner, name, shape, payload):
                return requests.begin_export(owner, name, crossing(shape, payload))
            case messages.BeginHanded(serial, function, shape, payload):
                self._refuse_unknown(serial, function)
                return requests.begin_handed(serial, function, crossing(shape, payload))
            case messages.Native(name, shape, payload):
                return requests.native(name, crossing(shape, payload))

    def _awaited(self, answer: Crossing | Ticket) -> tuple[Payload, ...]:
        if isinstance(answer, Ticket):
            self._tickets.add(int(answer))
            if len(self._tickets) > MOST_TICKETS:
                raise UnsoundError
            return (int(answer),)
        return self.handed(answer)

    def _refuse_unknown(self, serial: int, function: int) -> None:
        if not self._known.has((serial, function)):
            raise UnsoundError

    def _of_tasks(
        self, ask: messages.BeginTask | messages.CancelTask | messages.Join | messages.Sleep | messages.Forget
    ) -> tuple[Payload, ...]:
        requests = self._requests
        match ask:
            case messages.BeginTask():
                return (requests.begin_task(),)
            case messages.CancelTask(task):
                requests.cancel_task(task)
            case messages.Join(task):
                return self._awaited(requests.join(task))
            case messages.Sleep(seconds):
                return self._awaited(requests.sleep(seconds))
            case messages.Forget(ticket):
                self._tickets.discard(ticket)
                requests.forget(ticket)
        return ()

    def _registered(
        self, ask: messages.Register | messages.Export | messages.Schedule | messages.ShowPanel
    ) -> tuple[Payload, ...]:
        requests, way = self._requests, self._way(ask.way)
        number: int | None
        if len(self.registered) >= MOST_REGISTERED:
            raise UnsoundError
        match ask:
            case messages.Register(_, event, priority):
                number = requests.register(event, priority, way.ways)
            case messages.Export(_, name):
                number = requests.export(name, way.answer)
            case messages.Schedule(_, seconds, repeating):
                number = requests.schedule(seconds, way.tell, repeating=repeating)
            case messages.ShowPanel(_, declared):
                number = requests.show_panel(declared, way.answer)
        if number is not None:
            self.registered[number] = way
        return (number,)

    def _undone(self, ask: messages.Unregister | messages.Cancel) -> tuple[Payload, ...]:
        if isinstance(ask, messages.Cancel):
            return (self._requests.cancel(ask.registration),)
        self._requests.unregister(ask.registration)
        return (None,)

    def _looked_up(
        self, ask: messages.Log | messages.Dependency | messages.HasExport | messages.Source | messages.Asset
    ) -> tuple[Payload, ...]:
        requests = self._requests
        match ask:
            case messages.Dependency(name):
                state = requests.dependency(name)
                return (state.encode() if state else None,)
            case messages.HasExport(owner, name):
                return (requests.has_export(owner, name),)
            case messages.Source(path):
                return (requests.source(path),)
            case messages.Asset(path):
                return (requests.asset(path),)
            case messages.Log(level, text):
                if level not in _LEVELS:
                    raise UnsoundError
                requests.log(level, text)
        return ()
