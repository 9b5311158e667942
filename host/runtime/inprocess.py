"""One LuaJIT runtime with one module in it, inside this process.

What lupa really does decides the shape of this file: no Lua value is read, written or printed from Python, and whatever
is handed in is handed in while there is room for it (a runtime filled to its limit ends the process otherwise).
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from typing import Any, Final, NoReturn, cast

from lupa import luajit21

from host.runtime.allocation import join_freed_blocks
from host.runtime.crossing import Crossing, LuaFunction, Requests, Step, Ticket, Wake
from host.runtime.faults import chain_limit, fault_of, printable
from host.runtime.parts import bytecode, read_part
from host.runtime.port import Port
from host.vocabulary.errors import ModuleFault
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import MIB, Limits
from host.vocabulary.payload import FaultRecord, Names, Payload

RESERVE: Final = MIB
"""Bytes above a module's limit, so that a small argument always fits."""
SMALL: Final = RESERVE // 4
"""Bytes up to which an argument fits into the reserve, with what Lua makes of it."""
HOSTS_OWN: Final = MIB // 2
"""Bytes of the host's own Lua files in a runtime, at most: those that are read when first needed come later."""
LONGEST_STRING: Final = 8 * MIB
"""Bytes that a standard function builds at most; one instruction on them takes as long as C takes to read them."""
COLLECT_EACH: Final = 1.0
"""Seconds after which a module that is full is looked at again."""
_AT_ADDRESS: Final = b"""
local cell_of = require("ffi").cast
return function(address)
    local cell, now = cell_of("volatile double *", address), 0
    return function()
        now = now + cell[0]
        return now
    end
end
"""
LAST: Final = frozenset({"cleanup", "getState", "pause", "resume"})
"""What is called of a module that is full, too."""


class Runtime:
    """A module's code, from its entry file to its last call.

    Attributes:
        hosts_own: bytes of it that are no module's, the same in all of a process.

    Every method that enters Lua raises ModuleFault, DeadlineExceeded or MemoryExceeded; nothing else escapes.
    """

    def __init__(
        self,
        key: ModuleKey,
        serial: int,
        limits: Limits,
        requests: Requests,
        *,
        watched: bool = True,
        clock: int | None = None,
        hosts_own: int = 0,
    ) -> None:
        """Make it; nothing of the module has run.

        Args:
            key: name and version.
            serial: of the instance.
            limits: of the module.
            requests: answers what its Lua asks.
            watched: interpreted, with a count hook that ends calls over their time; else compiled and timed by the
                wall, where another process ends this one.
            clock: address of a C double, in place of a clock: seconds that go by from one look at it to the next.
            hosts_own: as another of this process has it, which saves looking.
        """
        self._key = key
        self._limits = limits
        self.ceiling = limits.memory + HOSTS_OWN
        self._roof = self.ceiling + RESERVE
        self._collected, self._collect_at = 0, 0.0
        join_freed_blocks()
        self._lua: Any = luajit21.LuaRuntime(
            encoding=None,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            attribute_filter=_refuse,
            max_memory=self._roof,
        )
        self.used: Callable[[], int] = self._lua.get_memory_used
        port = Port(requests, self._fits)
        # Steps this big collect a small heap at once, while it is in the processor's cache: a table told to 100 modules
        # costs a quarter less than with the default of 200. In a heap of 15 MB a step took 4 ms at most, and 2 before.
        self._lua.execute(b"collectgarbage('setstepmul', 40000)")
        if watched:
            self._lua.execute(b"jit.off()")
        tell_time = time.thread_time if watched else time.monotonic
        boot = self._lua.execute(bytecode("boot"))
        contract = boot(
            read_part,
            tell_time if clock is None else self._lua.execute(_AT_ADDRESS)(clock),
            port.of,
            key.name.encode(),
            key.version.encode(),
            limits.call,
            chain_limit(limits),
            self.ceiling,
            min(LONGEST_STRING, limits.memory),
            serial,
            watched,
            limits.crossing,
            limits.entries,
            limits.depth,
        )
        self._call: dict[str, LuaFunction] = {name.decode(): contract[name] for name in list(contract)}
        self._members: frozenset[str] = frozenset()
        port.ways = self._call["ways"]
        if not hosts_own:
            self.collect()  # of what was read to make it: a module that holds less seemed to hold nothing
        self.hosts_own: Final = hosts_own or self.used()
        self._port: Port | None = port
        self._alive = weakref.ref(port)

    @property
    def pid(self) -> int:
        """Of a process of its own, which it does not have."""
        return 0

    @property
    def dead(self) -> bool:
        """Never: it ends with this process."""
        return False

    @property
    def memory(self) -> int:
        """Bytes in use, without what is the host's own."""
        return max(0, self.used() - self.hosts_own) if self._lua else 0

    def process_memory(self) -> int:
        """Bytes of a process of its own, which it does not have."""
        return 0

    def collect(self) -> None:
        """Free what nothing holds any more."""
        if self._lua:
            self._lua.gccollect()

    def check(self, path: str) -> None:
        """Compile one file.

        Raises:
            ModuleFault: what is wrong with its syntax, with file and line.
        """
        message = self._run("check", path, path.encode())[1]
        if message is not None:
            raise self.fault(path, (b"error", message))

    def offer(self, names: tuple[str, ...], run: str) -> None:
        """Let a core module call what its ``native.py`` has, by these names; ``run``: names this run of the host."""
        self._run("offer", "native", run.encode(), *(name.encode() for name in names))

    def start(self, entry: str) -> None:
        """Run the entry file and register what it declares."""
        members = self._run("start", "the entry file", entry.encode())[1:]
        self._members = frozenset(member.decode() for member in members)

    @property
    def members(self) -> frozenset[str]:
        """Names of what the module's table has."""
        return self._members

    def has(self, member: str) -> bool:
        """Whether the module's table has a member."""
        return member in self._members

    def lifecycle(self, member: str, argument: Crossing = Crossing(None, None)) -> str | None:  # noqa: B008 - immutable
        """Call a member, ``init`` to ``cleanup``, if there is one; the reason where it says no, else ``None``."""
        return _verdict(self._run("lifecycle", member, member.encode(), *argument))

    def get_state(self, *, briefly: bool = False) -> bytes:
        """Snapshot of the state, encoded; ``briefly``: of a large one not all is looked through for what is no data."""
        data: bytes = self._run("get_state", "getState", briefly)[1]
        return data

    def receive(self, state: bytes) -> None:
        """Take a snapshot in; ``migrate`` and ``set_state`` work on it."""
        self._run("receive", "setState", state)

    def migrate(self, from_version: str) -> None:
        """Let the module turn the received state into its own."""
        self._run("migrate", "migrate", from_version.encode())

    def set_state(self) -> str | None:
        """Hand the received state to the module; the reason where it says no, else ``None``."""
        return _verdict(self._run("set_state", "setState"))

    def ask(self, member: str, argument: Crossing = Crossing(None, None)) -> Crossing:  # noqa: B008 - immutable
        """Call ``execute`` or ``health``; what it returned."""
        return _crossing(self._run("ask", member, member.encode(), *argument))

    def call_handed(self, function: int, argument: Crossing) -> Crossing:
        """Call a function that the module handed out."""
        return _crossing(self._run("call_handed", "a function it handed out", function, *argument))

    def serve(self, task: int, hook: str, kind: str, name: str | int, argument: Crossing) -> Step:
        """Begin a call as a task: of an ``export``, of a ``handed`` function by its number, or to ``execute``.

        A ``text`` is run as the module would run it, and gives an encoded tree.
        """
        named = name.encode() if isinstance(name, str) else name
        return step_of(self._run("serve", hook, task, kind.encode(), named, *argument))

    def go_on(self, task: int, hook: str, wake: Wake) -> Step:
        """Go on with a task that waited; ``hook``: what it is called if it fails."""
        return step_of(self._run("go_on", hook, task, *wake))

    def complete(self, text: bytes) -> bytes:
        """How text could go on, encoded."""
        data: bytes = self._run("complete", "the console", text)[1]
        return data

    def sample(self, *, on: bool) -> bytes:
        """Note from now on what runs, or no longer; what was noted since the call before, encoded."""
        data: bytes = self._run("sample", "the profiler", on)[1]
        return data

    def answer(self, way: LuaFunction, hook: str, *arguments: Payload) -> Crossing:
        """Call an export, or a filter's handler, by its answering way; ``arguments``: shapes and payloads in turn."""
        return _crossing(self._enter(way, hook, arguments))

    def way_for(self, fields: LuaFunction, names: Names) -> LuaFunction | None:
        """Make the way into a handler that takes a table by its fields; ``None`` where there is no room for it."""
        if not self._call or self.full():
            return None
        try:
            return cast("LuaFunction", fields(*(name.encode() for name in names)))
        except luajit21.LuaError:  # it filled up, or its time ended: the table goes as bytes, which tells of it
            return None

    def meter(self, registration: int) -> tuple[int, int]:
        """Calls and faults of one registration."""
        if not self._call:
            return 0, 0
        calls, faults = self._call["meter"](registration)
        return calls, faults

    def fault(self, hook: str, record: FaultRecord) -> ModuleFault:
        """The error for a record that one of the ways returned."""
        return fault_of(self._key.name, hook, self._limits, record)

    def fire(self, way: LuaFunction) -> FaultRecord | None:
        """Call a timer's function; a record of its fault, if any."""
        try:
            record: FaultRecord | None = way(None)
        except luajit21.LuaError as error:
            return self.unforeseen(error)
        return record

    def unforeseen(self, error: Exception) -> FaultRecord:
        """Mend what an error left behind that came out of a way itself: an allocation failed between guarded frames.

        Returns:
            The record of the fault.

        Raises:
            Exception: ``error``, where it is not of Lua.
        """
        if not isinstance(error, luajit21.LuaError):
            raise error
        if self._call:
            roof = self._roof
            self._raise_roof(max(roof, self.used() + RESERVE))
            self._call["recover"]()
            self._raise_roof(roof)
        return (b"memory" if isinstance(error, MemoryError) else b"error", str(error).encode())

    def close(self) -> None:
        """Let go of the runtime; it ends with its last reference."""
        if self._port:
            self._port.close()
        self._port = None
        self._call = {}
        self.used = int
        self._lua = None

    @property
    def gone(self) -> bool:
        """Whether the runtime's memory has been given back."""
        return self._alive() is None

    def full(self) -> bool:
        """Whether it holds more than it may, even after a collection; it is then not entered."""
        used = self.used()
        if used <= self.ceiling:
            return False
        now = time.monotonic()
        if used != self._collected or now >= self._collect_at:  # one more of the same gives nothing, and costs as much
            self._lua.gccollect()
            self._collected, self._collect_at = self.used(), now + COLLECT_EACH
        return self._collected > self.ceiling

    def _fits(self, size: int) -> bool:
        return bool(self._lua) and self.used() + 2 * size + 4096 < self.ceiling + RESERVE

    def _raise_roof(self, roof: int) -> None:
        if self._lua:
            self._roof = roof
            self._lua.set_max_memory(roof)

    def _run(self, call: str, hook: str, *arguments: Payload) -> tuple[Any, ...]:
        if not self._call:
            raise ModuleFault(self._key.name, hook, "the module is unloaded")
        return self._enter(self._call[call], hook, arguments, last=hook in LAST)

    def _enter(
        self, call: LuaFunction, hook: str, arguments: tuple[Payload, ...], *, last: bool = False
    ) -> tuple[Any, ...]:
        """Call a guarded function with room for its arguments; its results, the first of them ``True``.

        One that is full is not entered: with room made at each entry, it could grow without end. What takes leave of
        it is called until it holds twice the reserve.
        """
        if self.full() and not (last and self.used() <= self.ceiling + 2 * RESERVE):
            raise self.fault(hook, (b"memory", b"full"))
        size = 0
        for argument in arguments:
            if type(argument) is bytes:
                size += len(argument)
        roof = self._roof
        if size > SMALL or self.used() > self.ceiling:
            self._raise_roof(max(roof, max(self.ceiling, self.used()) + 2 * size + RESERVE))
        try:
            result = call(*arguments)
        except luajit21.LuaError as error:
            result = (False, *self.unforeseen(error))  # raised below: here, it would keep our frames
        finally:
            self._collected = 0
            if self._roof != roof:
                self._raise_roof(roof)
        if result is True:
            return (True,)
        if result[0] is True:
            return tuple(result)
        raise self.fault(hook, result[1:])


def _verdict(result: tuple[Any, ...]) -> str | None:
    if len(result) < 2 or result[1] is not False:  # (True,) or (True, verdict, reason)
        return None
    return printable(result[2].decode("utf-8", "replace"))


def step_of(result: tuple[Any, ...]) -> Step:
    match result[1]:
        case b"wait":
            return Ticket(result[2])
        case b"done":
            return Crossing(*(*result[2:], None, None)[:2])
    return None


def _crossing(result: tuple[Any, ...]) -> Crossing:
    return Crossing(*(*result[1:], None, None)[:2])


def _refuse(_target: object, name: object, _setting: bool) -> NoReturn:  # noqa: FBT001 - called by lupa
    raise AttributeError(name)
