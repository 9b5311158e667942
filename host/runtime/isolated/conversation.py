"""The engine's side of what is said between it and one process: calls and asks inside each other, each timed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import DecodeError

from host.runtime.faults import chain_limit
from host.runtime.isolated import messages
from host.runtime.isolated.channel import Channel, FrameTooLargeError
from host.runtime.isolated.customs import UnsoundError
from host.runtime.isolated.fork_server import Forked, ending
from host.runtime.isolated.messages import Ask, Bug, Call, Done, Failed, Limited, Note, Told
from host.vocabulary.manifest import MIB, Limits
from host.vocabulary.payload import FaultRecord, Payload

STARVED: Final = 3.0
"""How many times its limit a call may take in real time while the processor is not given to it."""
CROWDED: Final = 0.1
"""And how many more for each that shares its processor."""
READY: Final = 10.0
"""Seconds that a process may take until it has a runtime; nothing of its module runs meanwhile."""
CARRIED: Final = 64.0 * MIB
"""Bytes of a message that get across in a second, at least."""
EAGER: Final = 50e-6
"""Seconds that an answer is looked for before the processor is left to sleep, which may take longer to wake."""
LAST_WORDS: Final = 0.05
"""Seconds for a process that closed its end to be gone, too."""

Values: TypeAlias = tuple[Payload, ...]
Answered: TypeAlias = Callable[[Ask], Told]
Noted: TypeAlias = Callable[[Note], None]

_UNSOUND: Final = (b"ended", b"it was killed, because it said what no runtime says")
_DEADLINE: Final = (b"deadline", b"")
_CHAIN: Final = (b"chain", b"")
_RUNNING: Final = frozenset("RD")
"""What Linux calls a process that has something to do."""


class Crowd:
    """The calls under way in all processes, which share the processors.

    Attributes:
        size: how many there are.
    """

    def __init__(self) -> None:
        self.size = self._most = 0
        self._processors: Final = os.cpu_count() or 1

    def enter(self) -> None:
        self.size += 1
        self._most = max(self._most, self.size)

    def leave(self) -> None:
        self.size -= 1
        self._most = self._most if self.size else 0

    @property
    def patience(self) -> float:
        """How many times its limit a call may take while the processor is not given to it."""
        return STARVED + self._most / self._processors * CROWDED


@dataclass(slots=True, eq=False)
class Pending:
    """A call under way.

    Attributes:
        deadline: when, by the monotonic clock, it is looked at whether it is over its time.
        began: when it began; later by what it spent in what it asked for.
        used: seconds of processor time that the process had used before.
        elsewhere: seconds that it spent in what it asked for.
        asking: whether something that it asked is being answered: its process waits.
        outcome: what came of it, once that is known.
    """

    number: int
    deadline: float
    began: float
    used: float
    elsewhere: float = 0.0
    asking: bool = False
    outcome: Done | FaultRecord | None = None


class Conversation:
    """With one process; what it says that makes no sense ends it, and nothing else.

    Attributes:
        memory: bytes that the module held when it last said so.
        ended: the record of how the process ended, empty while it runs.
        forgotten: ways into the module's functions that nobody has any more; told with the next call.
        unwatch: called before its descriptor is closed.
    """

    def __init__(
        self, forked: Forked, limits: Limits, crowd: Crowd, answered: Answered, noted: Noted, on_end: Callable[[], None]
    ) -> None:
        self.memory = 0
        self.ended: FaultRecord = ()
        self.unwatch: Callable[[], object] = tuple
        self.forgotten: Final[list[int]] = []
        self._forked = forked
        self._limits = limits
        self._chain = chain_limit(limits)
        self._crowd = crowd
        self._answered = answered
        self._noted = noted
        self._on_end = on_end
        self._channel: Final = Channel(forked.connection, messages.largest_frame(limits.memory))
        self._clock: Final = _processor_clock(forked.pid)
        self._open: list[Pending] = []
        self._last = 0

    def fileno(self) -> int:
        return self._channel.fileno()

    def greet(self, begin: messages.Begin) -> FaultRecord:
        """Say whose process it is to be, and wait until it is; the record of a fault where it ends instead."""
        until = time.monotonic() + READY
        self._crowd.enter()
        pending = Pending(0, until, until, 0.0)
        self._open.append(pending)
        self._send(messages.encode(begin))
        outcome = self.finish(pending)
        return () if isinstance(outcome, Done) else outcome

    def begin(self, do: str, hook: str, arguments: Values) -> Pending:
        """Call; what comes of it is known when it is finished."""
        while self._open and not self._open[-1].asking and not self.ended:
            self._settle(self._open[-1])  # of an event that several answer at once: its own call comes first
        if self.ended:
            return Pending(0, 0.0, 0.0, 0.0, outcome=self._ended_before())
        self._last += 1
        now, limit = time.monotonic(), self._limits.call
        self._crowd.enter()
        pending = Pending(self._last, now + limit, now, self._used())
        self._open.append(pending)
        message = messages.encode(Call(pending.number, do, hook, arguments, tuple(self.forgotten)))
        if len(message) > self._channel.largest:
            pending.outcome = (b"memory", b"")  # as a runtime in this process says of what it has no room for
            return pending
        self.forgotten.clear()
        pending.deadline += self._send(message)
        return pending

    def finish(self, pending: Pending) -> Done | FaultRecord:
        """Wait for what comes of a call; a fault's record where that is none."""
        self._settle(pending)
        assert pending.outcome is not None  # noqa: S101 - it is settled
        return pending.outcome

    def look(self) -> bool:
        """Look at a process that nobody called; whether it is as it should be, silent and there."""
        if self.ended or not self._channel.wait(0.0):
            return not self.ended
        try:
            self._channel.frame()
        except (EOFError, FrameTooLargeError):
            self._gone()
        else:
            self._end((b"ended", b"it was killed, because it said what nobody had asked"))
        return False

    def refuse(self) -> None:
        """End the process: something that it said is not to be believed."""
        self._end(_UNSOUND)

    def kill(self) -> None:
        """End the process without a word."""
        if not self.ended:
            self.ended = (b"error", b"the module is unloaded")
            self._drop()
        self._answered, self._noted, self._on_end = _nothing, _nobody, _nobody

    def _settle(self, pending: Pending) -> None:
        try:
            while pending.outcome is None and not self.ended:
                self._hear(pending)
        finally:
            if pending in self._open:
                self._open.remove(pending)
                self._crowd.leave()
        if pending.outcome is None:
            pending.outcome = self.ended

    def _hear(self, pending: Pending) -> None:
        """Take in one message, and do what it wants; or end the process."""
        try:
            frame = self._frame(pending)
            if frame is not None:
                self._take(pending, messages.said_of(frame))
        except EOFError:
            self._gone()
        except FrameTooLargeError:
            self._end((b"ended", b"it was killed, because it sent more at once than its memory could hold"))
        except (DecodeError, UnicodeDecodeError, UnsoundError):
            self.refuse()

    def _frame(self, pending: Pending) -> bytes | None:
        channel = self._channel
        while True:
            left = pending.deadline - time.monotonic()
            if not (self._crowd.size == 1 and channel.wait_awake(EAGER)) and not channel.wait(left):
                if not self._may_go_on(pending):
                    self._end(_DEADLINE)
                    return None
            elif (frame := channel.frame()) is not None:
                return frame
            elif left <= 0 and not self._may_go_on(pending):
                self._end(_DEADLINE)
                return None

    def _may_go_on(self, pending: Pending) -> bool:
        """Whether a call whose time has passed was kept waiting for a processor, and may have it yet."""
        now, left = time.monotonic(), self._limits.call - (self._used() - pending.used)
        latest = pending.began + self._limits.call * self._crowd.patience
        if left <= 0 or now >= latest:
            return False
        if not self._channel.wait(0.0) and _state(self._forked.pid) not in _RUNNING and not self._channel.wait(0.0):
            return False
        pending.deadline = min(now + left, latest)
        return True

    def _take(self, pending: Pending, said: messages.Said) -> None:
        match said:
            case Done() | Failed():
                if said.number != pending.number:
                    raise UnsoundError
                self.memory = said.memory
                pending.outcome = said if isinstance(said, Done) else _record(said)
            case _ if time.monotonic() > pending.deadline and not self._may_go_on(pending):
                self._end(_DEADLINE)  # else one that never stops talking would be heard for ever
            case Limited() | Bug():
                self._noted(said)
            case _:
                self._answer(pending, said)

    def _answer(self, pending: Pending, ask: Ask) -> None:
        start = time.monotonic()
        pending.asking = True
        try:
            told = self._answered(ask)
        finally:
            pending.asking = False
        if self.ended:
            return
        spent = time.monotonic() - start
        pending.elsewhere += spent
        pending.deadline += spent
        pending.began += spent
        if pending.elsewhere > self._chain:
            self._end(_CHAIN)
            return
        message = messages.encode(told)
        if len(message) > self._channel.largest:
            message = messages.encode(Told(refusal="not enough memory for the answer"))
        pending.deadline += self._send(message)

    def _ended_before(self) -> FaultRecord:
        return self.ended if self.ended[0] == b"error" else (b"away", b"")

    def _send(self, message: bytes) -> float:
        """Send; gives the seconds that a message of this size may take on its way."""
        carrying = len(message) / CARRIED
        if self.ended:
            return carrying
        try:
            self._channel.send_within(message, self._limits.call + carrying)
        except TimeoutError:
            self._end(_DEADLINE)
        except OSError:
            self._gone()
        return carrying

    def _gone(self) -> None:
        """The other end is closed."""
        if self._forked.gone(LAST_WORDS):
            self._end(ending(self._forked.status()))
        else:
            self._end((b"ended", b"it was killed, because it hung up"))

    def _end(self, record: FaultRecord) -> None:
        if not self.ended:
            self.ended = record
            self._forked.kill()
            self._drop()
            self._on_end()

    def _drop(self) -> None:
        for _ in self._open:  # nobody need ever ask what came of them
            self._crowd.leave()
        self._open.clear()
        self.unwatch()
        self._channel.close()
        self._forked.close()

    def _used(self) -> float:
        """Seconds of processor time that the process has used."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:  # it is gone
            return 0.0


def _nothing(_ask: Ask) -> Told:
    return Told()


def _nobody(*_told: object) -> None:
    """Stand where somebody was told."""


def _processor_clock(pid: int) -> int:
    """The number of the clock of a process's processor time, as clock_getcpuclockid(3) makes it."""
    return (~pid << 3) | 2


def _state(pid: int) -> str:
    """What a process is at; see proc_pid_stat(5)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(") ")[2][:1]
    except OSError:
        return ""


def _record(failed: Failed) -> FaultRecord:
    return (failed.kind.encode(), failed.message, failed.traceback, failed.file, failed.line)
