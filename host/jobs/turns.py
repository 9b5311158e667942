"""What threads have the event loop do: now, later, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from functools import partial
from typing import Final

from host.jobs.waits import DONE, Answer, Wait
from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError

Call = Callable[[], None]


class _Answer(asyncio.Future[Crossing]):
    """A wait, as the event loop waits.

    Attributes:
        undo: gives back what came, where nobody goes on with it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, undo: Call) -> None:
        super().__init__(loop=loop)
        self.undo = undo


class Turns:
    """One event loop, as threads beside it use it; every method may be called on any thread.

    Waits are ended with the lock of their scope held.
    """

    def __init__(self, lock: AbstractContextManager[object]) -> None:
        """Use the running event loop."""
        self._loop: Final = asyncio.get_running_loop()
        self._lock = lock

    def now(self) -> float:
        return self._loop.time()

    def post(self, call: Callable[..., object], *arguments: object) -> None:
        """Call something in the next turn."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def soon(self, call: Call) -> None:
        """Call something in the next turn, with the lock held."""
        self.post(self._locked, call)

    def later(self, seconds: float, call: Call) -> Call:
        """Call something after some seconds; gives what takes that back."""
        armed: list[asyncio.TimerHandle | None] = []

        def arm() -> None:
            if not armed:
                armed.append(self._loop.call_later(seconds, call))

        def disarm() -> None:
            if armed and armed[0] is not None:
                armed[0].cancel()
            armed[:] = [None]

        self.post(arm)
        return lambda: self.post(disarm)

    def later_locked(self, seconds: float, call: Call) -> Call:
        """As ``later``, with the lock held."""
        return self.later(seconds, partial(self._locked, call))

    def sleep(self, seconds: float) -> Wait:
        """What ends after some seconds."""
        return self.ending_after(seconds, Wait(), DONE)

    def ending_after(self, seconds: float, wait: Wait, answer: Answer) -> Wait:
        """Have a wait end after some seconds, where nothing ended it before."""
        withdraw, cancel = wait.withdraw, self.later_locked(seconds, lambda: wait.end(answer))

        def give_up() -> None:
            cancel()
            withdraw()

        wait.withdraw = give_up
        return wait

    def awaiting(self, doing: Callable[[], Coroutine[None, None, Crossing]]) -> Wait:
        """What ends with what the event loop does, from its next turn on."""
        wait = Wait()
        tasks: list[asyncio.Task[None]] = []

        async def to_end() -> None:
            try:
                answer: Answer = await doing()
            except HostError as refusal:
                answer = refusal.with_traceback(None)
            with self._lock:
                wait.end(answer)

        def begin() -> None:
            if wait.answer is None:
                tasks.append(self._loop.create_task(to_end()))

        wait.withdraw = lambda: self.post(lambda: [task.cancel() for task in tasks])
        self.post(begin)
        return wait

    def future(self, wait: Wait) -> asyncio.Future[Crossing]:
        """A wait as the event loop waits; to cancel it is to give the wait up. In the event loop only."""
        future = _Answer(self._loop, partial(self._locked, wait.give_up))
        future.add_done_callback(partial(self._given_up, wait))
        with self._lock:
            wait.then(lambda: self.post(_settle, future, wait))
        return future

    def _given_up(self, wait: Wait, future: asyncio.Future[Crossing]) -> None:
        if future.cancelled():
            with self._lock:
                wait.give_up()

    def _locked(self, call: Call) -> None:
        with self._lock:
            call()


def _settle(future: asyncio.Future[Crossing], wait: Wait) -> None:
    if future.done():
        return
    if isinstance(wait.answer, HostError):
        future.set_exception(wait.answer)
    elif wait.answer is not None:
        future.set_result(wait.answer)
