"""Channels, and waiting for the first of several.

Source: C. A. R. Hoare, "Communicating Sequential Processes" (1978); Go's channels.
"""

from __future__ import annotations

import random
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from host.jobs.held import Held
from host.jobs.waits import DONE, Answer, Wait, ended
from host.runtime.crossing import Crossing

CLOSED: Final = Crossing(None, False)
SEND_ON_CLOSED: Final = "send on closed channel"
REFUSED_SEND: Final = Crossing.of(False, SEND_ON_CLOSED)


@dataclass(slots=True, eq=False)
class _Party:
    """Who waits in a channel; of a select, the same wait stands in several.

    Attributes:
        case: of a select, from 1; 0 for one who waits for this alone.
        value: of a sender.
    """

    wait: Wait
    case: int = 0
    value: bytes = b""

    def meet(self, answer: Crossing) -> None:
        self.wait.end(answer if self.case == 0 else _of_case(self.case, answer))


_Queue = OrderedDict[_Party, None]
"""Who waits, first come, first; whoever waits no more is out of it at once, however many there are."""


class Channel:
    """Hands packed values from senders to receivers, first come, first served; each value to one receiver."""

    def __init__(self, capacity: int, held: Held | None = None) -> None:
        """Make one that holds so many values that nobody has received yet.

        ``held`` counts their bytes, and of those that wait to be sent.
        """
        self._held = held or Held(sys.maxsize)
        self.capacity: Final = capacity
        self.closed = False
        self._buffer: deque[bytes] = deque()
        self._senders = _Queue()
        self._receivers = _Queue()

    def __len__(self) -> int:
        return len(self._buffer)

    @property
    def may_send(self) -> bool:
        """Whether a sender would not wait."""
        return self.closed or len(self._buffer) < self.capacity or self._first(self._receivers) is not None

    @property
    def may_receive(self) -> bool:
        """Whether a receiver would not wait."""
        return self.closed or bool(self._buffer) or self._first(self._senders) is not None

    def send(self, value: bytes) -> Wait:
        """Hand a value over; the wait ends when somebody has it, or it is in the buffer."""
        if self.closed:
            return ended(REFUSED_SEND)
        if self._put(value):
            return ended(DONE)
        return self._park(self._senders, _Party(Wait(), 0, value))

    def receive(self) -> Wait:
        """Take the oldest value: its bytes, or false of a channel that is closed and empty."""
        wait = Wait()
        wait.undo = self._give_back
        if self.may_receive:
            wait.end(self.take())
            return wait
        return self._park(self._receivers, _Party(wait))

    def take(self) -> Crossing:
        """As ``receive``, where it may."""
        if self._buffer:
            value = self._buffer.popleft()
            self._held.used -= len(value)
            self._refill()
            return Crossing(None, value)
        sender = self._first(self._senders)
        if sender is None:
            return CLOSED
        self._out(self._senders, sender)
        sender.meet(DONE)
        return Crossing(None, sender.value)

    def close(self) -> bool:
        """Let nothing more in; what is in the buffer can still be received. False where it was closed."""
        if self.closed:
            return False
        self.closed = True
        receivers, senders = list(self._receivers), list(self._senders)
        for party in receivers:
            self._out(self._receivers, party)
            party.meet(CLOSED)
        for party in senders:
            self._out(self._senders, party)
            party.meet(REFUSED_SEND)
        return True

    def drop(self) -> None:
        """Forget what is in it: nobody can receive it any more."""
        self._held.used -= sum(map(len, self._buffer))
        self._buffer.clear()

    def join(self, party: _Party, *, sends: bool) -> None:
        """Have a select wait in it."""
        self._in(self._senders if sends else self._receivers, party)

    def leave(self, party: _Party) -> None:
        """Have it wait no more."""
        for queue in (self._senders, self._receivers):
            self._out(queue, party)

    def give_back(self, value: bytes) -> None:
        """Take a value back that its receiver never got: the next one gets it."""
        receiver = self._first(self._receivers)
        if receiver is None:
            self._held.used += len(value)
            self._buffer.appendleft(value)
        else:
            self._out(self._receivers, receiver)
            receiver.meet(Crossing(None, value))

    def _put(self, value: bytes) -> bool:
        receiver = self._first(self._receivers)
        if receiver is not None:
            self._out(self._receivers, receiver)
            receiver.meet(Crossing(None, value))
        elif len(self._buffer) < self.capacity:
            self._held.used += len(value)
            self._buffer.append(value)
        else:
            return False
        return True

    def _refill(self) -> None:
        """Let the first who waits to send have the place that became free."""
        sender = self._first(self._senders)
        if sender is not None and len(self._buffer) < self.capacity:
            self._out(self._senders, sender)
            self._held.used += len(sender.value)
            self._buffer.append(sender.value)
            sender.meet(DONE)

    def _first(self, queue: _Queue) -> _Party | None:
        """The first who still waits: a select that took another case does not."""
        while queue:
            first = next(iter(queue))
            if first.wait.answer is None:
                return first
            self._out(queue, first)
        return None

    def _in(self, queue: _Queue, party: _Party) -> None:
        queue[party] = None
        self._held.used += len(party.value)

    def _out(self, queue: _Queue, party: _Party) -> None:
        if party in queue:
            del queue[party]
            self._held.used -= len(party.value)

    def _park(self, queue: _Queue, party: _Party) -> Wait:
        self._in(queue, party)
        wait = party.wait
        wait.withdraw = lambda: self.leave(party)
        return wait

    def _give_back(self, answer: Answer) -> None:
        if isinstance(answer, Crossing) and isinstance(answer.payload, bytes):
            self.give_back(answer.payload)


@dataclass(frozen=True, slots=True)
class Case:
    """One of a select: to receive, or to send a packed value."""

    channel: Channel
    value: bytes | None = None

    @property
    def ready(self) -> bool:
        return self.channel.may_receive if self.value is None else self.channel.may_send

    def go(self) -> Crossing:
        """Do it, where it is ready."""
        if self.value is None:
            return self.channel.take()
        answer = self.channel.send(self.value).answer
        assert isinstance(answer, Crossing)  # noqa: S101 - it was ready
        return answer


def select(cases: Sequence[Case], *, wait: bool) -> Wait | None:
    """Do exactly one of several: any that is ready, else the first that becomes so.

    Args:
        cases: in order.
        wait: whether to wait where none is ready.

    Returns:
        What ends with the number of the case, from 1, and what it gave (of a channel that is closed: false);
        ``None`` where none is ready and it is not to wait.
    """
    ready = [number for number, case in enumerate(cases, 1) if case.ready]
    if ready:
        number = random.choice(ready)  # noqa: S311 - to be fair, as Go is; no secret
        chosen = cases[number - 1]
        answer = chosen.go()
        taken = ended(_of_case(number, answer))
        taken.undo = _undo_of(cases)
        return taken
    return _parked(cases) if wait else None


def _parked(cases: Sequence[Case]) -> Wait:
    waiting = Wait()
    parties = [_Party(waiting, number, case.value or b"") for number, case in enumerate(cases, 1)]
    for case, party in zip(cases, parties, strict=True):
        case.channel.join(party, sends=case.value is not None)

    def withdraw() -> None:
        for case, party in zip(cases, parties, strict=True):
            case.channel.leave(party)

    waiting.withdraw = waiting.tidy = withdraw
    waiting.undo = _undo_of(cases)
    return waiting


def _of_case(number: int, answer: Crossing) -> Crossing:
    """What a select gives: which case, and what was received, or whether something was sent or received at all."""
    return Crossing.of(number, answer.payload if answer.shape is None else False)


def _undo_of(cases: Sequence[Case]) -> Callable[[Answer], None]:
    def undo(answer: Answer) -> None:
        """Give a received value back."""
        if isinstance(answer, Crossing):
            number, value = (*answer.values(), None)[:2]
            if isinstance(number, int) and isinstance(value, (bytes, str)) and cases[number - 1].value is None:
                cases[number - 1].channel.give_back(value if isinstance(value, bytes) else value.encode())

    return undo
