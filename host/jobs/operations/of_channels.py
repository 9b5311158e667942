"""What is asked of channels and contexts."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from host.jobs.channels import REFUSED_SEND, Case, Channel, select
from host.jobs.contexts import Context
from host.jobs.job import Job, State
from host.jobs.operations.shared import Operation, Shared, of, plain
from host.jobs.waits import DONE, NOTHING, REFUSED, Wait
from host.runtime.crossing import Crossing
from host.vocabulary.payload import Payload

IN_A_ROW: Final = 1000
"""Values that go from one channel to another before others have a turn."""


def _channel(scope: Shared, holder: int, capacity: int) -> Crossing:
    return scope.things.add(Channel(capacity, scope.things.held), holder)


def _send(scope: Shared, _holder: int, number: int, value: bytes) -> Wait:
    scope.things.held.expect(len(value))
    return scope.things.get(Channel, number).send(value)


def _try_send(scope: Shared, _holder: int, number: int, value: bytes) -> Crossing:
    channel = scope.things.get(Channel, number)
    scope.things.held.expect(len(value))
    if channel.closed:
        return REFUSED_SEND
    if not channel.may_send:
        return REFUSED
    channel.send(value)
    return DONE


def _try_receive(channel: Channel, _holder: int) -> Crossing:
    return channel.take() if channel.may_receive else NOTHING


def _close(channel: Channel, _holder: int) -> Crossing:
    return DONE if channel.close() else Crossing.of(False, "channel already closed")


def _select(scope: Shared, _holder: int, milliseconds: float, *cases: Payload) -> Crossing | Wait:
    """Milliseconds below 0: as long as it takes; 0: not at all. A case is a channel, and false or what to send."""
    all_cases = [
        Case(scope.things.get(Channel, number), value if isinstance(value, bytes) else None)
        for number, value in zip(cases[::2], cases[1::2], strict=True)
    ]
    scope.things.held.expect(sum(len(case.value or b"") for case in all_cases))
    wait = select(all_cases, wait=milliseconds != 0)
    if wait is None:
        return NOTHING
    if milliseconds > 0 and wait.answer is None:
        return scope.turns.ending_after(milliseconds / 1000, wait, NOTHING)
    return wait


class _Pump:
    """Hands on what one channel gets to another, until the first is closed and empty, or the second closed."""

    def __init__(self, scope: Shared, source: Channel, target: Channel, on_end: Callable[[], object]) -> None:
        self._scope = scope
        self._source, self._target = source, target
        self._on_end = on_end
        self._wait = source.receive()
        self._carried: bytes | None = None  # what is being sent

    def go(self) -> None:
        """Go on as far as nothing has to be waited for."""
        for _ in range(IN_A_ROW):
            if self._wait.answer is None:
                self._wait.then(self.go)
                return
            if not self._stepped():
                self._on_end()
                return
        self._scope.turns.soon(self.go)

    def _stepped(self) -> bool:
        answer = self._wait.answer
        if self._carried is None:
            if not isinstance(answer, Crossing) or not isinstance(answer.payload, bytes):
                return False
            self._carried = answer.payload
            self._wait = self._target.send(self._carried)
            return True
        if answer is not DONE:
            self._source.give_back(self._carried)
            return False
        self._carried, self._wait = None, self._source.receive()
        return True


def _fan_in(scope: Shared, _holder: int, target: int, *sources: int) -> Crossing:
    output = scope.things.get(Channel, target)
    left = [scope.things.get(Channel, number) for number in sources]

    def ended(channel: Channel) -> None:
        left.remove(channel)
        if not left:
            output.close()

    for channel in list(left):
        _Pump(scope, channel, output, partial(ended, channel)).go()
    return DONE


def _fan_out(scope: Shared, _holder: int, source: int, *targets: int) -> Crossing:
    """Each value to one of them: whichever has room first."""
    entry = scope.things.get(Channel, source)
    for number in targets:
        channel = scope.things.get(Channel, number)
        _Pump(scope, entry, channel, channel.close).go()
    return DONE


def _context(scope: Shared, holder: int, parent: int | None = None, milliseconds: float | None = None) -> Crossing:
    above = None if parent is None else scope.things.get(Context, parent)
    return scope.things.add(Context(above, None if milliseconds is None else milliseconds / 1000), holder)


def _until(scope: Shared, holder: int, parent: int, milliseconds: float) -> Crossing:
    """Milliseconds since the epoch."""
    return _context(scope, holder, parent, milliseconds - time.time() * 1000)


def _deadline(context: Context, _holder: int) -> Crossing:
    left = context.seconds_left
    return NOTHING if left is None else plain(round((time.time() + left) * 1000))


def _error(context: Context, _holder: int) -> Crossing:
    return NOTHING if context.error is None else plain(context.error.encode())


def _close_after(scope: Shared, _holder: int, number: int, *jobs: int) -> Crossing:
    """Close a channel when some jobs have ended."""
    channel, left = scope.things.get(Channel, number), set(jobs)

    def ended(job: Job) -> None:
        left.discard(job.number)
        if not left:
            channel.close()

    for each in jobs:
        job = scope.job(each)
        if job is None or job.state is State.ENDED:
            left.discard(each)
        else:
            job.then(ended)
    if not left:
        channel.close()
    return DONE


OPERATIONS: Final[dict[str, Operation]] = {
    "channel": _channel,
    "send": _send,
    "receive": of(Channel, lambda channel, _: channel.receive()),
    "try_send": _try_send,
    "try_receive": of(Channel, _try_receive),
    "close": of(Channel, _close),
    "len": of(Channel, lambda channel, _: len(channel)),
    "is_closed": of(Channel, lambda channel, _: channel.closed),
    "select": _select,
    "fan_in": _fan_in,
    "fan_out": _fan_out,
    "close_after": _close_after,
    "context": _context,
    "with_deadline": _until,
    "deadline": of(Context, _deadline),
    "cancel": of(Context, lambda context, _: context.cancel()),
    "err": of(Context, _error),
}
