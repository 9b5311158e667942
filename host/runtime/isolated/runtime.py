"""A module's runtime in a process of its own, as the engine holds it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar, cast

from host.runtime.codec import encode
from host.runtime.crossing import Crossing, LuaFunction, Requests, Step, Wake, Ways
from host.runtime.faults import fault_of, printable
from host.runtime.isolated.answers import Answers
from host.runtime.isolated.conversation import Conversation, Crowd, Pending, Values
from host.runtime.isolated.customs import Customs, Known, UnsoundError
from host.runtime.isolated.fork_server import Forked, Loop, proportional_memory
from host.runtime.isolated.messages import LONGEST_TEXT, Begin, Done
from host.vocabulary.errors import ModuleFault
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Limits
from host.vocabulary.payload import FaultRecord, Names, Payload, Shape
from host.vocabulary.views import PlainData

T = TypeVar("T")

_NOTHING: Final = Crossing(None, None)


MEASURED_EACH: Final = 5.0
"""Seconds between two looks at a process's memory, which take 0.1 ms each."""


class IsolatedRuntime:
    """Does what ``runtime.inprocess.Runtime`` does, in another process; raises the same, and ``ProcessEnded``.

    Attributes:
        used, ceiling: the process itself looks whether it is full; here it never is.
    """

    def __init__(
        self,
        key: ModuleKey,
        serial: int,
        limits: Limits,
        requests: Requests,
        forked: Forked,
        customs: Customs,
        crowd: Crowd,
        on_end: Callable[[ModuleFault | None], None],
    ) -> None:
        """Take a process over, which has been told nothing yet.

        Args:
            key: name and version.
            serial: of the instance.
            limits: of the module.
            requests: answers what its Lua asks.
            forked: the process.
            customs: looks into values that come from it.
            crowd: of all processes.
            on_end: told when the process is gone before it was closed; of the fault, where no call raises it.
        """
        self.used: Final[Callable[[], int]] = int
        self.ceiling: Final = 1
        self.pid: Final = forked.pid
        self._key = key
        self._limits = limits
        self._members: frozenset[str] = frozenset()
        self._known: Final = Known(serial)
        self._answers: Final = Answers(requests, customs, self._known, self._way)
        self._forked: Final = forked
        self._talk: Final = Conversation(forked, limits, crowd, self._answers.answer, self._answers.note, self._end)
        self._on_end = on_end
        self._resting = False
        self._measured, self._measure_at = 0, 0.0
        crossing = limits.crossing, limits.entries, limits.depth
        self._begin = Begin(key.name, key.version, serial, limits.memory, limits.call, *crossing)

    def greet(self) -> None:
        """Have the process make the runtime.

        Raises:
            ModuleFault: it ended instead.
        """
        record = self._talk.greet(self._begin)
        if record:
            raise self.fault("its start", record)

    @property
    def dead(self) -> bool:
        """Whether its process is gone."""
        return bool(self._talk.ended)

    @property
    def memory(self) -> int:
        """Bytes that the module held when it was last called."""
        return self._talk.memory

    @property
    def gone(self) -> bool:
        """Whether its process has ended."""
        return self._forked.gone()

    def watch(self, loop: Loop) -> None:
        """See from now on when the process ends, or speaks, and nobody called it."""
        descriptor = self._talk.fileno()
        loop.add_reader(descriptor, self._look)
        self._talk.unwatch = partial(loop.remove_reader, descriptor)

    def process_memory(self) -> int:
        """Bytes that its process holds, of what it shares with others its part; looked at now and then."""
        now = time.monotonic()
        if now >= self._measure_at:
            self._measured, self._measure_at = proportional_memory(self.pid), now + MEASURED_EACH
        return self._measured

    def collect(self) -> None:
        """Do nothing: the process has its own way, and nobody waits for it."""

    def check(self, path: str) -> None:
        self.run("check", path, path.encode())

    def offer(self, names: tuple[str, ...], run: str) -> None:
        del run  # functions are handed to a process anew
        self.run("offer", "native", *(name.encode() for name in names))

    def start(self, entry: str) -> None:
        members = self.run("start", "the entry file", entry.encode())
        self._members = frozenset(member.decode() for member in members if isinstance(member, bytes))

    def has(self, member: str) -> bool:
        return member in self._members

    def lifecycle(self, member: str, argument: Crossing = _NOTHING) -> str | None:
        return _verdict(self.run("lifecycle", member, *self._answers.handed(argument)))

    def get_state(self, *, briefly: bool = False) -> bytes:
        """Look through all of it, whatever is said: compiled code takes no time for that."""
        del briefly
        return self._encoded("get_state", "getState")

    def receive(self, state: bytes) -> None:
        self.run("receive", "setState", state)

    def migrate(self, from_version: str) -> None:
        self.run("migrate", "migrate", from_version.encode())

    def set_state(self) -> str | None:
        return _verdict(self.run("set_state", "setState"))

    def ask(self, member: str, argument: Crossing = _NOTHING) -> Crossing:
        return self.crossing(member, self.run("ask", member, *self._answers.handed(argument)))

    def call_handed(self, function: int, argument: Crossing) -> Crossing:
        hook = "a function it handed out"
        return self.crossing(hook, self.run("call_handed", hook, function, *self._answers.handed(argument)))

    def serve(self, task: int, hook: str, kind: str, name: str | int, argument: Crossing) -> Step:
        named = name.encode() if isinstance(name, str) else name
        return self._step(hook, self.run("serve", hook, task, kind.encode(), named, *self._answers.handed(argument)))

    def go_on(self, task: int, hook: str, wake: Wake) -> Step:
        ok, shape, payload = wake
        if not isinstance(shape, bytes):
            self._answers.handed(Crossing(shape, payload))
        return self._step(hook, self.run("go_on", hook, task, ok, shape, payload))

    def complete(self, text: bytes) -> bytes:
        return self._encoded("complete", "the console", text)

    def sample(self, *, on: bool) -> bytes:
        return self._encoded("sample", "the profiler", on)

    def answer(self, way: LuaFunction, hook: str, *arguments: Payload) -> Crossing:
        return cast("Crossing", way(hook, *arguments))

    def way_for(self, fields: LuaFunction, names: Names) -> LuaFunction:
        """Make the way that takes a table by its fields: it goes as bytes all the same."""

        def way(*values: Payload) -> FaultRecord | None:
            table = cast("PlainData", dict(zip(names, values, strict=True)))
            return cast("FaultRecord | None", fields(encode(table), 1))

        return way

    def meter(self, registration: int) -> tuple[int, int]:
        way = self._answers.registered.get(registration)
        return (way.calls, way.faults) if isinstance(way, _Way) else (0, 0)

    def fault(self, hook: str, record: FaultRecord) -> ModuleFault:
        return fault_of(self._key.name, hook, self._limits, record)

    def fire(self, way: LuaFunction) -> FaultRecord | None:
        return cast("FaultRecord | None", way(None))

    def unforeseen(self, error: Exception) -> FaultRecord:
        """Nothing of Lua is raised here: it is the host's."""
        raise error

    def full(self) -> bool:
        return False

    def close(self) -> None:
        """End the process."""
        self._talk.kill()
        self._answers.close()
        self._on_end = _nobody

    # ----------------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._resting = True
        try:
            self._talk.look()
        finally:
            self._resting = False

    def _end(self) -> None:
        self._on_end(self.fault("", self._talk.ended) if self._resting else None)

    def _way(self, number: int) -> _Way:
        return _Way(self, self._talk, self._answers, number)

    def run(self, do: str, hook: str, *arguments: Payload) -> Values:
        """Have the process do something; what came of it."""
        outcome = self._talk.finish(self._talk.begin(do, hook, arguments))
        if isinstance(outcome, Done):
            return outcome.values
        raise self.fault(hook, outcome)

    def crossing(self, hook: str, values: Values) -> Crossing:
        """Let in what the process returned."""
        step = self._step(hook, (*values, None, None)[:2])
        return cast("Crossing", step)  # of two values it is no other

    def _encoded(self, do: str, hook: str, *arguments: Payload) -> bytes:
        """Have the process do what gives one encoded value."""
        values = self.run(do, hook, *arguments)
        return self._let_in(hook, lambda: self._answers.data(values[0] if values else None))

    def _step(self, hook: str, values: Values) -> Step:
        return self._let_in(hook, lambda: self._answers.step(values))

    def _let_in(self, hook: str, look: Callable[[], T]) -> T:
        """Have what the process returned looked at; it ends where that is not what it is said to be."""
        try:
            return look()
        except UnsoundError:
            self._talk.refuse()
            raise self.fault(hook, self._talk.ended) from None


class _Way:
    """One function of the process's; forgotten there when nobody here has it any more. Counts calls and faults."""

    __slots__ = ("__weakref__", "_answers", "_number", "_runtime", "_talk", "calls", "faults")

    def __init__(self, runtime: IsolatedRuntime, talk: Conversation, answers: Answers, number: int) -> None:
        self._runtime, self._talk, self._answers, self._number = runtime, talk, answers, number
        self.calls = self.faults = 0

    def __del__(self) -> None:
        self._talk.forgotten.append(self._number)

    @property
    def ways(self) -> Ways:
        return Ways(scalar=self.tell, packed=self.tell, answer=self.answer, fields=self.tell, begin=self.begin)

    def tell(self, payload: Payload, shape: Shape = None) -> FaultRecord | None:
        """Call it with what it returns nothing to; a record of its fault."""
        return self.begin(shape, payload)()

    def begin(self, shape: Shape, payload: Payload) -> Callable[[], FaultRecord | None]:
        """Begin to tell; gives what waits until it is told."""
        self.calls += 1
        arguments = (self._number, *self._answers.handed(Crossing(shape, payload)))
        return partial(self._told, self._talk.begin("tell", "", arguments))

    def _told(self, pending: Pending) -> FaultRecord | None:
        outcome = self._talk.finish(pending)
        if isinstance(outcome, Done):
            return None
        self.faults += 1
        return outcome

    def answer(self, hook: str, *arguments: Payload) -> Crossing:
        """Call it; what it returned."""
        self.calls += 1
        pairs = zip(arguments[::2], arguments[1::2], strict=True)
        crossings = [self._answers.handed(Crossing(cast("Shape", shape), payload)) for shape, payload in pairs]
        try:
            values = self._runtime.run("answer", hook, self._number, *(part for each in crossings for part in each))
            return self._runtime.crossing(hook, values)
        except ModuleFault:
            self.faults += 1
            raise


def _nobody(_fault: ModuleFault | None) -> None:
    """Stand where somebody was told."""


def _verdict(values: Values) -> str | None:
    reason = values[0] if values else None
    return printable(reason[:LONGEST_TEXT].decode("utf-8", "replace")) if isinstance(reason, bytes) else None
